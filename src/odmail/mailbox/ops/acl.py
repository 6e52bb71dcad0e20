"""Access lists of mailboxes.  RFC 4314 3"""

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.sql.expression import literal_column

from odcore.errors import Fault, Kind
from odcore.sql.statement import statement
from odmail.mailbox import acl, schema
from odmail.mailbox.acl import Entry
from odmail.mailbox.api import DeleteAcl, SetAcl
from odmail.mailbox.names import parents
from odmail.mailbox.transaction import Box, Transaction

_MOST = 100
"""Entries in one list."""

_acl = schema.acl
_OF_ACCOUNT = _acl.c.account == bindparam("account")
_OF_BOX = (_OF_ACCOUNT, _acl.c.mailbox == bindparam("mailbox"))
_ENTRY = (_acl.c.subject, _acl.c.rights, _acl.c.negative, _acl.c.giver)
_LIST = statement(select(*_ENTRY).where(*_OF_BOX).order_by(_acl.c.subject, _acl.c.negative))
_ALL = statement(select(_acl.c.mailbox, *_ENTRY).where(_OF_ACCOUNT))
_SUBJECTS = statement(select(_acl.c.subject).where(_OF_ACCOUNT).distinct())
_SET = statement(
    upsert(_acl).on_conflict_do_update(
        index_elements=["account", "mailbox", "subject", "negative"],
        set_={name: literal_column(f"excluded.{name}") for name in ("rights", "giver")},
    )
)
_DELETE = statement(
    delete(_acl).where(*_OF_BOX, _acl.c.subject == bindparam("subject"), _acl.c.negative == bindparam("negative"))
)


def entries(tx: Transaction, name: str) -> list[Entry]:
    """A mailbox's list. Fault NOT_FOUND."""
    return _entries(tx, _meant(tx, name))


def all_entries(tx: Transaction) -> dict[int, list[Entry]]:
    """Every list by mailbox, in one query."""
    found: dict[int, list[Entry]] = {}
    for mailbox, *entry in tx.cursor.execute(_ALL, {"account": tx.account}):
        found.setdefault(mailbox, []).append(_entry(*entry))
    return found


def subjects(tx: Transaction) -> frozenset[str]:
    """Whom any list names."""
    return frozenset(subject for (subject,) in tx.cursor.all(_SUBJECTS, {"account": tx.account}))


def set_acl(tx: Transaction, options: SetAcl) -> str:
    """The rights the entry now has; one without any is no entry. Faults NOT_FOUND, LIMIT."""
    box = _meant(tx, options.name)
    known = _entries(tx, box)
    had = next((e.rights for e in known if (e.subject, e.negative) == (options.subject, options.negative)), None)
    rights = _changed(had or "", options)
    if had is None and len(known) >= _MOST:
        raise Fault(Kind.LIMIT, "Too many entries in this access list.")
    key = {"account": tx.account, "mailbox": box.mailbox, "subject": options.subject}
    if rights:
        row = {**key, "negative": int(options.negative), "rights": rights, "giver": options.giver}
        tx.cursor.execute(_SET, row)
    else:
        tx.cursor.execute(_DELETE, {**key, "negative": int(options.negative)})
    return rights


def delete_acl(tx: Transaction, options: DeleteAcl) -> None:
    """That there was none is no error. Fault NOT_FOUND for the mailbox."""
    key = {"account": tx.account, "mailbox": _meant(tx, options.name).mailbox}
    tx.cursor.execute(_DELETE, {**key, "subject": options.subject, "negative": int(options.negative)})


def inherit(tx: Transaction, box: Box) -> None:
    """A new mailbox begins with the list of the one above it.  RFC 4314 4"""
    above = parents(box.name)
    parent = tx.find(above[-1]) if above else None
    if parent is not None:
        key = {"account": tx.account, "mailbox": box.mailbox}
        rows = [
            {**key, "subject": e.subject, "negative": int(e.negative), "rights": e.rights, "giver": e.giver}
            for e in _entries(tx, parent)
        ]
        tx.cursor.executemany(_SET, rows)


def nearest(tx: Transaction, name: str) -> list[Entry]:
    """The list of the nearest mailbox above `name`; empty when there is none above it."""
    for parent in reversed(parents(name)):
        box = tx.find(parent)
        if box is not None:
            return _entries(tx, box)
    return []


def _changed(had: str, options: SetAcl) -> str:
    match options.mode:
        case "add":
            return acl.in_order(had + options.rights)
        case "remove":
            return acl.in_order(set(had) - set(options.rights))
    return options.rights


def _meant(tx: Transaction, name: str) -> Box:
    """Bare names have lists, too."""
    box = tx.meant(name)
    if box is None:
        raise Fault(Kind.NOT_FOUND, "No such mailbox")
    return box


def _entries(tx: Transaction, box: Box) -> list[Entry]:
    return [_entry(*row) for row in tx.cursor.all(_LIST, {"account": tx.account, "mailbox": box.mailbox})]


def _entry(subject: str, rights: str, negative: int, giver: str) -> Entry:
    return Entry(subject, rights, bool(negative), giver)
