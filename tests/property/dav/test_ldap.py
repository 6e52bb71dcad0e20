"""LDAP: messages however they are cut, filters that any octets make, and an index that never hides what fits."""

import contextlib
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from oddav.book.book import Found, Viewer
from oddav.book.index import Index
from oddav.ldap import reader
from oddav.ldap.ber import SEQUENCE, Broken, Frames, Reader, element, number
from oddav.ldap.filters import holds, narrow
from oddav.ldap.tree import values_of
from oddav.ldap.types import All, Any, Equal, Filter, Not, Parts, Present, Refused, Undefined
from odtest.listed import entries

_attributes = st.sampled_from(
    [
        "cn",
        "CN;lang-or",
        "sn",
        "givenName",
        "mail",
        "uid",
        "title",
        "ou",
        "telephoneNumber",
        "mobile",
        "objectClass",
        "description",
        "shoeSize",
    ]
)
_texts = st.text("ab -,କଖ\u0b47\u200dAÅ\u030a0123+", max_size=4)
_leaves = st.one_of(
    st.builds(Equal, _attributes, _texts),
    st.builds(Parts, _attributes, _texts, st.lists(_texts, max_size=2).map(tuple), _texts),
    st.builds(Present, _attributes),
    st.just(Undefined()),
)
_filters = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.builds(All, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Any, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=6,
)


@given(st.lists(st.binary(max_size=300), max_size=4), st.lists(st.integers(1, 50), max_size=20))
def test_messages_are_the_same_however_the_network_cuts_them(contents, cuts):
    octets, frames, found = b"".join(element(SEQUENCE, each) for each in contents), Frames(), []
    for cut in [*cuts, len(octets)]:
        frames.feed(octets[:cut])
        octets = octets[cut:]
        while (content := frames.next()) is not None:
            found.append(content)
    assert found == contents
    assert frames.waiting == 0


@given(st.integers(0, 2**31 - 1))
def test_numbers_are_read_as_they_were_written(value):
    assert Reader(number(value)).integer() == value


@settings(max_examples=300)
@given(st.binary(max_size=60) | st.binary(max_size=40).map(lambda each: element(0xA1, element(0xA4, each))))
def test_any_octets_are_a_search_or_refused(octets):
    """Nothing else is raised, whatever stands where the filter should be."""
    body = element(4) + number(2, 10) + number(0, 10) + number(0) + number(0) + b"\x01\x01\x00" + octets
    for read in (lambda: reader.search(Reader(body)), lambda: reader.message(octets), lambda: reader.page(octets)):
        with contextlib.suppress(Broken, Refused):
            read()


@given(_filters, _filters)
def test_and_or_and_not_are_those_of_logic(one: Filter, other: Filter):
    """Also where it cannot be told: what is not known does not become known by turning it round.  RFC 4511 4.5.1.7"""
    values = {"cn": ("ab",), "telephoneNumber": ("0123",), "objectClass": ("top",)}
    first, second = holds(one, values), holds(other, values)
    assert holds(Not(one), values) == (None if first is None else not first)
    assert holds(All((one, other)), values) == min(first, second, key=[False, None, True].index)
    assert holds(Any((one, other)), values) == max(first, second, key=[False, None, True].index)
    assert holds(All(()), values) is True
    assert holds(Any(()), values) is False


@settings(max_examples=40, deadline=None)
@given(entries, _filters)
def test_the_index_finds_what_looking_at_each_entry_finds(listed, asked):
    viewer = Viewer("", frozenset(), numbers=True)
    with tempfile.TemporaryDirectory() as folder:
        index = Index(Path(folder))
        index.put(listed)
        index.set_state("whole", "yes")

        def fits(reading, entry) -> bool:
            return holds(asked, values_of(Found(entry, reading.around(entry)), viewer)) is True

        wanted, _ = index.find(True, [], fits, most=100, looks=100)
        found, more = index.find(narrow(asked, True), [], fits, most=100, looks=100)
        index.close()
    assert {each.id for each in found} == {each.id for each in wanted}
    assert not more
