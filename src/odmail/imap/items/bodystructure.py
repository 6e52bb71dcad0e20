"""BODYSTRUCTURE and BODY: the tree of MIME parts, with and without extension data.  RFC 9051 7.5.2"""

from odmail.imap.item import plain
from odmail.imap.structure import without_extensions
from odmail.mailbox.model import Need, Row


def write_structure(row: Row) -> bytes:
    return b"BODYSTRUCTURE " + row.structure


def write_body(row: Row) -> bytes:
    return b"BODY " + without_extensions(row.structure)


ITEMS = (
    plain(b"BODYSTRUCTURE", "9051 7.5.2", Need.STRUCTURE, write_structure),
    plain(b"BODY", "9051 7.5.2", Need.STRUCTURE, write_body),
)
