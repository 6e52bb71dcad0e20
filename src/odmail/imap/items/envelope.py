"""ENVELOPE: the header's main fields, written once when the message arrived.  RFC 9051 7.5.2"""

from odmail.imap.item import plain
from odmail.mailbox.model import Need, Row


def write_envelope(row: Row) -> bytes:
    return b"ENVELOPE " + row.envelope


ITEMS = (plain(b"ENVELOPE", "9051 7.5.2", Need.ENVELOPE, write_envelope),)
