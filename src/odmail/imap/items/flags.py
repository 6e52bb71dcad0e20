"""FLAGS: the message's flags and keywords.  RFC 9051 7.5.2"""

from odmail.imap.item import Bound, Facts, Item, Light


def writing_flags(facts: Facts) -> Light:
    return Light(b"%b", facts.flags.column)


_BOUND = Bound(light=writing_flags)

ITEMS = (Item(b"FLAGS", "9051 7.5.2", lambda _reader, _word: _BOUND),)
