"""CREATE: a mailbox with the parents it lacks.  RFC 9051 6.3.4, RFC 6154 3"""

from odcore.errors import Fault, Kind
from odmail.mailbox import names
from odmail.mailbox.aliases import use_of
from odmail.mailbox.api import CreateMailbox
from odmail.mailbox.model import SEPARATOR, SpecialUse
from odmail.mailbox.ops import acl
from odmail.mailbox.transaction import Books, Box, Transaction

_MOST = 10_000
"""Mailboxes in one account: a client gone wild must not make LIST endless."""


def create(tx: Transaction, options: CreateMailbox) -> Box:
    """Fault EXISTS, also for what programs call a mailbox that exists; CONFLICT when another mailbox has the special
    use; LIMIT. A name that programs give to a special use gets it, when no other mailbox has it."""
    name = names.validate(options.name.removesuffix(SEPARATOR))  # RFC 9051 6.3.4: a trailing separator is a hint
    found = tx.find(name)
    if found is not None and found.selectable:
        raise Fault(Kind.EXISTS, "The mailbox exists.")
    if len(tx.boxes()) >= _MOST:
        raise Fault(Kind.LIMIT, "Too many mailboxes.")
    use = options.special_use or use_of(name)
    if use and (other := tx.used_as(use)):
        if options.special_use:
            raise Fault(Kind.CONFLICT, "Another mailbox has this special use.")
        raise Fault(Kind.EXISTS, f'The mailbox exists: "{other.name}" is used for it.')
    books = tx.books()
    add_parents(tx, books, name)
    box = add(tx, books, name, use) if found is None else _revive(books, found, use)
    if found is not None:
        tx.save_box(box)
        acl.inherit(tx, box)
        tx.hints[0] = 0
    tx.save_books(books)
    return box


def add(tx: Transaction, books: Books, name: str, special_use: SpecialUse | None = None) -> Box:
    """A new, empty mailbox. The caller saves the books."""
    box = _blank(books, name, special_use)
    tx.add_box(box)
    acl.inherit(tx, box)
    return box


def add_parents(tx: Transaction, books: Books, name: str) -> None:
    """The names above that are missing, as mailboxes. The caller saves the books."""
    for parent in names.parents(name):
        if tx.find(parent) is None:
            add(tx, books, parent)


def _blank(books: Books, name: str, special_use: SpecialUse | None) -> Box:
    key, books.next_mailbox = books.next_mailbox, books.next_mailbox + 1
    modseq = books.tick()
    return Box(
        mailbox=key,
        name=name,
        uidvalidity=books.new_uidvalidity(),
        uidnext=1,
        highestmodseq=modseq,
        present=0,
        unseen=0,
        deleted=0,
        size=0,
        recent_from=1,
        special_use=special_use,
        selectable=1,
    )


def _revive(books: Books, box: Box, use: SpecialUse | None) -> Box:
    """A bare name becomes a mailbox; it never was one under this key (see `ops.delete`)."""
    box.uidvalidity = books.new_uidvalidity()
    box.highestmodseq = books.tick()
    box.special_use = use
    box.selectable = 1
    return box
