"""ENVELOPE: the header's main fields, written once when the message arrived.  RFC 9051 7.5.2, RFC 6855 8"""

from odmail.imap import downgrade
from odmail.imap.item import Bound, Facts, Item, Light
from odmail.mailbox.model import Need, Row


def write_envelope(row: Row) -> bytes:
    return b"ENVELOPE " + row.envelope


def write_ascii(row: Row) -> bytes:
    return b"ENVELOPE " + downgrade.envelope(row.envelope)


def writing_envelope(facts: Facts) -> Light:
    return write_envelope if facts.utf8 else write_ascii


_BOUND = Bound(Need.ENVELOPE, light=writing_envelope)

ITEMS = (Item(b"ENVELOPE", "9051 7.5.2", lambda _reader, _word: _BOUND),)
