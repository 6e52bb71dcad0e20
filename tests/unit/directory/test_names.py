"""Filters, names and addresses: escaping and folding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldap3.operation.search import parse_filter
from ldap3.protocol.convert import prepare_filter_for_sending

from odcore.directory import address, filters
from odcore.errors import Fault, Kind

TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1)


@given(TEXT)
def test_a_value_stays_one_value(value: str) -> None:
    """Whatever the value, the filter is one equality with exactly these octets."""
    text = filters.equal("uid", value)
    [node] = parse_filter(text, None, False, False, None, False).elements
    assert node.assertion["attr"] == "uid"
    assert prepare_filter_for_sending(node.assertion["value"]) == value.encode()
    assert not set("*()\0") & set(text[5:-1])


@given(TEXT.filter(lambda value: "\0" not in value))
def test_a_name_comes_back_out(value: str) -> None:
    """What `child` writes, `first_rdn` reads, and the parent stays whole."""
    dn = filters.child("uid", value, "ou=people,o=odmail")
    assert filters.first_rdn(dn) == ("uid", value)
    assert filters.dn_key(dn)[1:] == (("ou", "people"), ("o", "odmail"))


@pytest.mark.parametrize("value", ["", "a\0b"])
def test_names_are_never_empty_nor_cut_short(value: str) -> None:
    with pytest.raises(Fault) as caught:
        filters.child("uid", value, "o=odmail")
    assert caught.value.kind is Kind.BAD_REQUEST


def test_two_spellings_of_a_name_are_one() -> None:
    """Escapes by letter or by number, case, spaces around the parts."""
    assert filters.dn_key("UID=a\\,b, OU=People,o=odmail") == filters.dn_key("uid=A\\2cB,ou=people,O=ODMAIL")


@pytest.mark.parametrize(
    ("spelling", "key"),
    [
        ("A.B@Odisha.Example", "a.b@odisha.example"),
        ("a@odisha.example.", "a@odisha.example"),
        ('"a.b"@odisha.example', "a.b@odisha.example"),
        ("ସ@B\u00dccher.example", "ସ@xn--bcher-kva.example"),
        ("e\u0301@x.example", "\u00e9@x.example"),
    ],
)
def test_addresses_have_one_key(spelling: str, key: str) -> None:
    assert address.normalize(spelling) == key
    assert address.normalize(key) == key


@pytest.mark.parametrize(
    "text", ["", "@", "a", "@x.example", "a@", "a@.", "a@x..example", "a b@x.example", "a\n@x.example", "a@-x.example",
             "a@@x.example", "\u200ba@x.example", "x" * 65 + "@x.example", "a@" + "x" * 64 + ".example"],
)  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(Fault) as caught:
        address.normalize(text)
    assert caught.value.kind is Kind.BAD_REQUEST


@given(st.text())
def test_normalizing_never_breaks(text: str) -> None:
    """A key or a Fault for any text, and a key is its own key."""
    try:
        key = address.normalize(text)
    except Fault:
        return
    assert address.normalize(key) == key
