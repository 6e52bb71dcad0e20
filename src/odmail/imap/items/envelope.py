"""ENVELOPE: the header's main fields, written once when the message arrived.  RFC 9051 7.5.2, RFC 6855 8"""

from odmail.imap import downgrade
from odmail.imap.item import Bound, Facts, Item, Light
from odmail.mailbox.model import Need

_AS_IT_IS = Light(b"ENVELOPE %b", lambda rows: rows.envelope)
_ASCII = Light(b"ENVELOPE %b", lambda rows: downgrade.envelopes(rows.envelope))


def writing_envelope(facts: Facts) -> Light:
    return _AS_IT_IS if facts.utf8 else _ASCII


_BOUND = Bound(Need.ENVELOPE, light=writing_envelope)

ITEMS = (Item(b"ENVELOPE", "9051 7.5.2", lambda _reader, _word: _BOUND),)
