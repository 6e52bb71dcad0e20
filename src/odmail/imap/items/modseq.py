"""MODSEQ: when the message last changed.  RFC 7162 3.1.4.2"""

from odmail.imap.item import Bound, Item
from odmail.mailbox.model import Row


def write_modseq(row: Row) -> bytes:
    return b"MODSEQ (%d)" % row.modseq


_BOUND = Bound(light=lambda _: write_modseq, condstore=True)

ITEMS = (Item(b"MODSEQ", "7162 3.1.4.2", lambda _reader, _word: _BOUND, "CONDSTORE"),)
