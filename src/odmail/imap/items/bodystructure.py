"""BODYSTRUCTURE and BODY: the tree of MIME parts, with and without extension data.  RFC 9051 7.5.2, RFC 6855 8"""

from collections.abc import Callable

from odmail.imap import downgrade
from odmail.imap.item import Bound, Facts, Item, Light
from odmail.imap.structure import without_extensions
from odmail.mailbox.model import Need


def _item(name: bytes, shape: Callable[[bytes], bytes]) -> Item:
    def writing(facts: Facts) -> Light:
        if facts.utf8:
            return lambda row: b"%b %b" % (name, shape(row.structure))
        return lambda row: b"%b %b" % (name, downgrade.structure(shape(row.structure)))

    bound = Bound(Need.STRUCTURE, light=writing)
    return Item(name, "9051 7.5.2", lambda _reader, _word: bound)


ITEMS = (_item(b"BODYSTRUCTURE", lambda structure: structure), _item(b"BODY", without_extensions))
