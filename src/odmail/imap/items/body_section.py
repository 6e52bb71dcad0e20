"""BODY[...], BODY.PEEK[...], RFC822, RFC822.HEADER and RFC822.TEXT.  RFC 9051 6.4.5, RFC 3501 6.4.5"""

from odmail.imap import extract
from odmail.imap.item import Bound, Item
from odmail.imap.reader import Reader
from odmail.imap.section import Section, read, read_partial


def read_body(reader: Reader, word: bytes) -> Bound:
    """BODY[section]<partial>: reading it means having seen the message."""
    return _read(reader, word, marks_seen=True)


def read_peek(reader: Reader, word: bytes) -> Bound:
    """BODY.PEEK[section]<partial>: answered as BODY[...]."""
    return _read(reader, word, marks_seen=False)


def _read(reader: Reader, word: bytes, *, marks_seen: bool) -> Bound:
    section = read(reader, word)
    partial = read_partial(reader)
    return extract.bind(extract.label(b"BODY", section, partial), section, partial, marks_seen)


_RFC822 = extract.bind(b"RFC822", Section(), None, marks_seen=True)
_HEADER = extract.bind(b"RFC822.HEADER", Section(text=b"HEADER"), None)
_TEXT = extract.bind(b"RFC822.TEXT", Section(text=b"TEXT"), None, marks_seen=True)

ITEMS = (
    Item(b"BODY[", "9051 6.4.5", read_body),
    Item(b"BODY.PEEK[", "9051 6.4.5", read_peek),
    Item(b"RFC822", "3501 6.4.5", lambda _reader, _word: _RFC822),
    Item(b"RFC822.HEADER", "3501 6.4.5", lambda _reader, _word: _HEADER),
    Item(b"RFC822.TEXT", "3501 6.4.5", lambda _reader, _word: _TEXT),
)
