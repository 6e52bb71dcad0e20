"""MODSEQ: when the message last changed.  RFC 7162 3.1.4.2"""

from odmail.imap.item import Bound, Item, Light

LIGHT = Light(b"MODSEQ (%d)", lambda rows: rows.modseq)

_BOUND = Bound(light=lambda _: LIGHT, condstore=True)

ITEMS = (Item(b"MODSEQ", "7162 3.1.4.2", lambda _reader, _word: _BOUND, "CONDSTORE"),)
