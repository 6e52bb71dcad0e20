"""Addresses as MAIL and RCPT may write them.  A8, A9"""

import pytest

from odmail.smtp.reader import BadSyntax, read_command, read_orcpt, read_path, read_xtext

GOOD = {
    "alice@x.example": "alice@x.example",
    "Alice@X.Example": "Alice@x.example",
    '"alice"@x.example': "alice@x.example",
    '"al ice"@x.example': '"al ice"@x.example',
    '"user@foreign.example"@local.example': '"user@foreign.example"@local.example',
    r'"a\"b"@x.example': r'"a\"b"@x.example',
    "user%foreign.example@local.example": "user%foreign.example@local.example",
    "foreign.example!user@local.example": "foreign.example!user@local.example",
    "@local.example:user@foreign.example": "user@foreign.example",
    "@a.example,@b.example:user@c.example": "user@c.example",
    "user@[192.0.2.1]": "user@[192.0.2.1]",
    "user@[IPv6:2001:DB8:0::1]": "user@[IPv6:2001:db8::1]",
    "-oQ/tmp@x.example": "-oQ/tmp@x.example",
    "a|b@x.example": "a|b@x.example",
    "a+detail@x.example": "a+detail@x.example",
    "Postmaster": "postmaster",
    "a@b_c.example": "a@b_c.example",
    "ସସ୍ମିତା@ଓଡ଼ିଶା.ଭାରତ": "ସସ୍ମିତା@xn--3fcc8ah5c6bza.xn--h2brj9c",
    "": "",
}
BAD = [
    '""@x.example',
    "user",
    "user@",
    "@x.example",
    "user@local.example.",
    "user@.local.example",
    "user@local..example",
    ".user@x.example",
    "user.@x.example",
    "us..er@x.example",
    "user@foreign.example@local.example",
    "user@[192.0.2.999]",
    "user@[IPv6:zz]",
    "user@[192.0.2.1",
    "user@-x.example",
    "us er@x.example",
    "us\ter@x.example",
    "user@x.exa\u2028mple",
    "us\u0085er@x.example",
    '"user@x.example',
    '"us"er@x.example',
    "user;id@x.exa;mple",
    "a@" + "x" * 64 + ".example",
    "a" * 250 + "@x.example",
    "user@xn--\u0ac2.example",
    "<user@x.example",
]


@pytest.mark.parametrize(("text", "address"), GOOD.items())
def test_addresses_taken(text: str, address: str) -> None:
    """Each has one reading: route gone, quotes only where needed, domain in lower case and A-labels."""
    if "ଓଡ଼ିଶା" in text:
        local, _, domain = read_path(text, "5.1.3").address.rpartition("@")
        assert (local, domain.isascii(), domain.startswith("xn--")) == ("ସସ୍ମିତା", True, True)
    else:
        assert read_path(text, "5.1.3").address == address
    assert read_path(read_path(text, "5.1.3").address, "5.1.3") == read_path(text, "5.1.3")


@pytest.mark.parametrize("text", BAD, ids=repr)
def test_addresses_refused(text: str) -> None:
    """None of these is guessed at."""
    with pytest.raises(BadSyntax):
        read_path(text, "5.1.3")


@pytest.mark.parametrize(
    "text",
    [b"FROM:a@b", b"TO:<a@b>", b"FROM:<a@b", b"FROM:<a@b>SIZE=1", b"FROM:<a@b> =1", b"FROM:<a@b> A=", b"FROM<a@b>"],
)
def test_commands_refused(text: bytes) -> None:
    """Brackets, colon and the space before parameters are no matter of taste."""
    with pytest.raises(BadSyntax):
        read_command(text, "FROM", "5.1.7")


def test_bracket_inside_quotes() -> None:
    """The path ends at the bracket that closes it."""
    path, parameters = read_command(b'FROM:<"a>b"@x.example> SIZE=1', "FROM", "5.1.7")
    assert (path.address, parameters) == ('"a>b"@x.example', {"SIZE": "1"})


def test_xtext() -> None:
    """Decoded, or refused."""
    assert read_xtext("a+2Bb+3D", 100) == "a+b="
    assert read_orcpt("rfc822;a+40b@x") == "rfc822;a@b@x"
    for bad in ("a+2b", "a+0Ab", "a=b", "a b", ""):
        with pytest.raises(BadSyntax):
            read_xtext(bad, 100)
