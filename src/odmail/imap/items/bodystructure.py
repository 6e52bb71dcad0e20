"""BODYSTRUCTURE and BODY: the tree of MIME parts, with and without extension data.  RFC 9051 7.5.2, RFC 6855 8"""

from collections.abc import Callable, Sequence

from odmail.imap import downgrade
from odmail.imap.item import Bound, Facts, Item, Light
from odmail.imap.structure import without_extensions
from odmail.mailbox.model import Need, Rows


def _item(name: bytes, shaped: Callable[[Rows], Sequence[bytes]]) -> Item:
    as_it_is = Light(name + b" %b", shaped)
    ascii_only = Light(name + b" %b", lambda rows: downgrade.structures(shaped(rows)))

    def writing(facts: Facts) -> Light:
        return as_it_is if facts.utf8 else ascii_only

    bound = Bound(Need.STRUCTURE, light=writing)
    return Item(name, "9051 7.5.2", lambda _reader, _word: bound)


ITEMS = (
    _item(b"BODYSTRUCTURE", lambda rows: rows.structure),
    _item(b"BODY", lambda rows: list(map(without_extensions, rows.structure))),
)
