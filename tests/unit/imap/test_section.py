"""Sections of messages and their headers."""

import pytest

from odmail.imap.reader import Reader
from odmail.imap.section import Partial, Section, cut, extent, pick_fields, read, read_partial
from odmail.imap.types import BadSyntax
from odmail.message.parse import parse

HEADER = b"From: a\r\nTo: b,\r\n\tc\r\nSubject : odd\r\nfrom: again\r\nno field at all\r\n\r\n"


def sections(text: bytes) -> Section:
    return read(Reader(text.partition(b" ")[1] + text.partition(b" ")[2] + b"]"), text.partition(b" ")[0])


@pytest.mark.parametrize("text", [b"", b"1", b"1.2.3", b"HEADER", b"3.TEXT", b"2.MIME", b"1.HEADER.FIELDS (To Cc)"])
def test_written(text: bytes) -> None:
    """A section is repeated as it was asked for."""
    assert sections(text).written() == text


@pytest.mark.parametrize(
    "text", [b"0", b"1.", b"1..2", b".1", b"MIME", b"TEXT.1", b"1.FOO", b"HEADER.1", b"-1", b"TEXT."]
)
def test_refused(text: bytes) -> None:
    """What names no section is a syntax error."""
    with pytest.raises(BadSyntax):
        sections(text)


def test_long_path() -> None:
    """Part numbers without end cost no more than their length."""
    section = sections(b".".join([b"1"] * 30_000))
    assert extent(parse(b"A: b\r\n\r\nc").part, section) is None


@pytest.mark.parametrize("text", [b"<1.0>", b"<1>", b"<.5>", b"<1.5"])
def test_partial_refused(text: bytes) -> None:
    """A partial needs both numbers, the second above zero."""
    with pytest.raises(BadSyntax):
        read_partial(Reader(text))


def test_cut() -> None:
    """A partial stays inside its area."""
    assert cut((10, 20), Partial(5, 100)) == (15, 20)
    assert cut((10, 20), Partial(50, 1)) == (20, 20)
    assert cut((10, 20), None) == (10, 20)


def test_pick_fields() -> None:
    """Fields come folded as they were, all of a name, in their order, with an empty line."""
    assert pick_fields(HEADER, frozenset((b"from", b"to"))) == b"From: a\r\nTo: b,\r\n\tc\r\nfrom: again\r\n\r\n"
    assert pick_fields(HEADER, frozenset((b"subject",))) == b"Subject : odd\r\n\r\n"
    assert pick_fields(HEADER, frozenset((b"x",))) == b"\r\n"


def test_pick_other_fields() -> None:
    """HEADER.FIELDS.NOT gives the rest."""
    assert pick_fields(HEADER, frozenset((b"from", b"to")), others=True) == b"Subject : odd\r\nno field at all\r\n\r\n"
