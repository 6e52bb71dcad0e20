"""FLAGS: the message's flags and keywords.  RFC 9051 7.5.2"""

from odmail.imap.item import Bound, Item

_BOUND = Bound(light=lambda facts: facts.write_flags)

ITEMS = (Item(b"FLAGS", "9051 7.5.2", lambda _reader, _word: _BOUND),)
