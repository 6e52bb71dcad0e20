"""The argument grammar: what is read, what is refused, and that nothing takes long."""

import pytest

from odmail.imap.reader import Reader
from odmail.imap.types import BadSyntax
from odmail.mailbox.model import Flag


def test_strings_of_all_kinds() -> None:
    """Atom, quoted with escapes, literal, NIL."""
    args = Reader(b'abc "d\\"e\\\\f" {3}\r\nx\r\n NIL')
    assert args.astring() == b"abc"
    args.space()
    assert args.astring() == b'd"e\\f'
    args.space()
    assert args.astring() == b"x\r\n"
    args.space()
    assert args.nstring() is None
    args.end()


@pytest.mark.parametrize(
    "text",
    [b"", b'"abc', b'"a\\b"', b"(", b"{3}", b"\x00", b"\xff", b'"a\x00"'],
)
def test_what_is_no_astring(text: bytes) -> None:
    """BadSyntax, nothing else."""
    with pytest.raises(BadSyntax):
        Reader(text).astring()


@pytest.mark.parametrize(
    ("octets", "utf8", "name"),
    [
        (b"inbox", False, "INBOX"),
        (b"iNbOx/Sub", False, "INBOX/Sub"),
        (b"inboxes", False, "inboxes"),
        (b"&CyoLJAtNCzA-", False, "ପତ୍ର"),
        (b'"&CyoLJAtNCzA-"', True, "&CyoLJAtNCzA-"),
        ('"ପତ୍ର"'.encode(), True, "ପତ୍ର"),
        ('"e\u0301"'.encode(), True, "\u00e9"),
    ],
)
def test_mailbox_names(octets: bytes, utf8: bool, name: str) -> None:
    """Modified UTF-7, UTF-8, NFC, and INBOX in any case."""
    assert Reader(octets, utf8=utf8).mailbox() == name


def test_dates() -> None:
    """Seconds since the epoch, the zone taken into account."""
    assert Reader(b'"17-Jul-1996 02:44:25 -0700"').date_time() == 837596665
    assert Reader(b'" 1-Jan-1970 00:00:00 +0000"').date_time() == 0
    assert Reader(b"1-Feb-1994").date() == 760060800
    assert Reader(b'"1-feb-1994"').date() == 760060800


@pytest.mark.parametrize("text", [b'"31-Feb-2026 00:00:00 +0000"', b'"1-Foo-2026 00:00:00 +0000"', b"x"])
def test_what_is_no_date(text: bytes) -> None:
    """No calendar has it."""
    with pytest.raises(BadSyntax):
        Reader(text).date_time()


def test_flags() -> None:
    """System flags in any case, keywords once, \\Recent ignored, other system flags refused."""
    assert Reader(b"(\\seen $Junk \\RECENT $Junk)").flags() == (Flag.SEEN, ("$Junk",))
    assert Reader(b"()").flags() == (Flag(0), ())
    with pytest.raises(BadSyntax):
        Reader(b"(\\Bogus)").flags()


@pytest.mark.parametrize("depth", [33, 100_000])
def test_depth_is_limited(depth: int) -> None:
    """A22: BadSyntax, no recursion error."""
    args = Reader(b"(" * depth)

    def nested() -> object:
        return args.list_of(nested)

    with pytest.raises(BadSyntax):
        nested()


def test_numbers_are_bounded() -> None:
    """32 bits, 63 bits, and no more digits than that."""
    assert Reader(b"4294967295").number() == 4294967295
    assert Reader(b"9223372036854775807").number64() == (1 << 63) - 1
    for text in (b"4294967296", b"9" * 10_000):
        with pytest.raises(BadSyntax):
            Reader(text).number()
