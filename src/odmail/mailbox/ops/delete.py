"""DELETE: a mailbox goes with its messages; with mailboxes below it, its bare name stays.  RFC 9051 6.3.5"""

from sqlalchemy import bindparam, select
from sqlalchemy import delete as erase
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.sql.expression import Delete, literal_column

from odcore.errors import Fault, Kind
from odcore.sql.statement import statement
from odmail.mailbox import names, placements, schema
from odmail.mailbox.model import INBOX
from odmail.mailbox.ops.create import add
from odmail.mailbox.transaction import Books, Box, Transaction

EVERYTHING = [(1, (1 << 63) - 1)]


def _erase(name: str) -> "Delete":
    table = schema.metadata.tables[name]
    return erase(table).where(table.c.account == bindparam("account"), table.c.mailbox == bindparam("mailbox"))


_ERASE = [statement(_erase(name)) for name in ("expunged", "seen", "reader", "acl", "annotation", "mailbox")]
_retired = schema.retired
_RETIRE = statement(
    upsert(_retired).on_conflict_do_update(
        index_elements=["account", "name"], set_={"uidvalidity": literal_column("excluded.uidvalidity")}
    )
)
_RETIRED = statement(
    select(_retired.c.uidvalidity).where(
        _retired.c.account == bindparam("account"), _retired.c.name == bindparam("name")
    )
)


def delete(tx: Transaction, name: str) -> None:
    """Faults NOT_FOUND; DENIED for INBOX; CONFLICT for a bare name that has children."""
    box = tx.known(name)
    if box.name == INBOX:
        raise Fault(Kind.DENIED, "INBOX cannot be deleted.")
    children = has_children(tx, box.name)
    if children and not box.selectable:
        raise Fault(Kind.CONFLICT, "The name has mailboxes below it.")
    books = tx.books()
    _empty(tx, books, box)
    vanish(tx, box)
    if children:
        _leave_name(tx, books, box.name)
    else:
        _prune(tx, box.name)
    tx.save_books(books)


def has_children(tx: Transaction, name: str) -> bool:
    """Whether any name lies below this one."""
    return bool(tx.boxes_between(names.below(name), names.after(name)))


def vanish(tx: Transaction, box: Box) -> None:
    """Forget an empty mailbox's rows; its name remembers the UIDVALIDITY."""
    retire(tx, box)
    for erasure in _ERASE:
        tx.cursor.execute(erasure, {"account": tx.account, "mailbox": box.mailbox})
    tx.hints[0] = 0
    tx.hints[box.mailbox] = box.highestmodseq


def retire(tx: Transaction, box: Box) -> None:
    """The mailbox leaves its name: whoever bears it next needs a greater UIDVALIDITY."""
    tx.cursor.execute(_RETIRE, {"account": tx.account, "name": box.name, "uidvalidity": box.uidvalidity})


def retired(tx: Transaction, name: str) -> int:
    """The UIDVALIDITY this name last had, 0 when it is new."""
    row = tx.cursor.first(_RETIRED, {"account": tx.account, "name": name})
    return int(row[0]) if row else 0


def _empty(tx: Transaction, books: Books, box: Box) -> None:
    places = placements.find(tx, box.mailbox, EVERYTHING)
    placements.remove(tx, box, places, books.tick())
    placements.orphan(tx, places)
    books.take(-sum(place.size for place in places), -len(places))


def _leave_name(tx: Transaction, books: Books, name: str) -> None:
    """A bare name has a key of its own: a MAILBOXID is never given to a second mailbox.  RFC 8474 4"""
    bare = add(tx, books, name)
    bare.selectable = 0
    tx.save_box(bare)


def _prune(tx: Transaction, name: str) -> None:
    """Bare names above go with their last child."""
    for parent in reversed(names.parents(name)):
        box = tx.find(parent)
        if box is None or box.selectable or has_children(tx, parent):
            return
        vanish(tx, box)
