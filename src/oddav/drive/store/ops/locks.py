"""Write locks: the check and the change are one transaction, so all processes agree.  RFC 4918 6, 7"""

import msgspec
from sqlalchemy import bindparam, delete, insert, or_, select, update

from odcore.errors import Fault, Kind
from odcore.sql.statement import statement
from oddav.drive.store import schema
from oddav.drive.store.model import Caller, Lock
from oddav.drive.store.names import below, split
from oddav.drive.store.transaction import Transaction

MOST = 1000
"""Locks of one drive at a time."""

_lock = schema.lock
_OURS = _lock.c.account == bindparam("account")
_ALL = statement(
    select(*(_lock.c[name] for name in Lock.__struct_fields__))
    .where(_OURS, _lock.c.expires > bindparam("now"))
    .order_by(_lock.c.path)
)
_ADD = statement(insert(_lock))
_REMOVE = statement(delete(_lock).where(_OURS, _lock.c.token == bindparam("token")))
_FORGET = statement(delete(_lock).where(_OURS, _lock.c.expires <= bindparam("now")))
_REFRESH = statement(update(_lock).where(_OURS, _lock.c.token == bindparam("token")).values(expires=bindparam("until")))
_REMOVE_AT = statement(
    delete(_lock).where(
        _OURS,
        or_(
            _lock.c.path == bindparam("path"),
            (_lock.c.path >= bindparam("first")) & (_lock.c.path < bindparam("after")),
        ),
    )
)


def locks(tx: Transaction) -> list[Lock]:
    """All that hold."""
    return [Lock(*row) for row in tx.cursor.all(_ALL, tx.bound(now=tx.now))]


def lock(tx: Transaction, new: Lock) -> None:
    """Fault IN_USE when others are in the way, LIMIT when there are too many."""
    tx.cursor.execute(_FORGET, tx.bound(now=tx.now))
    standing = locks(tx)
    for other in standing:
        meets = other.covers(new.path) or (new.deep and other.path.startswith(below(new.path)))
        if meets and (new.exclusive or other.exclusive):
            raise locked(other)
    if len(standing) >= MOST:
        raise Fault(Kind.OVER_QUOTA, "There are too many locks.")
    tx.cursor.execute(_ADD, tx.bound(**msgspec.structs.asdict(new)))


def refresh(tx: Transaction, token: str, until: int) -> None:
    """It holds until then."""
    tx.cursor.execute(_REFRESH, tx.bound(token=token, until=until))


def unlock(tx: Transaction, token: str) -> None:
    """It holds no more."""
    tx.cursor.execute(_REMOVE, tx.bound(token=token))


def unlock_all(tx: Transaction, path: str) -> None:
    """What is gone from its path is not locked there any more.  RFC 4918 7.5"""
    first = below(path)
    tx.cursor.execute(_REMOVE_AT, tx.bound(path=path, first=first, after=first[:-1] + "0"))


def check(tx: Transaction, caller: Caller, path: str, deep: bool = False) -> None:
    """May the caller change what is at `path` (and below it)? Fault IN_USE.  RFC 4918 7"""
    refuse(locks(tx), caller, path, deep)


def check_member(tx: Transaction, caller: Caller, path: str, deep: bool = False) -> None:
    """May the caller make or remove `path`? That changes the folder it is in, too."""
    standing = locks(tx)
    refuse(standing, caller, split(path)[0], deep=False)
    refuse(standing, caller, path, deep)


def refuse(standing: list[Lock], caller: Caller, path: str, deep: bool) -> None:
    """Where several share a lock, holding one of them is enough."""
    found = [lock for lock in standing if lock.covers(path)]
    if found and not any(_held(lock, caller) for lock in found):
        raise locked(found[0])
    for inner in standing if deep else ():
        if inner.path.startswith(below(path)) and inner.path != path:
            refuse([lock for lock in standing if lock.covers(inner.path)], caller, inner.path, deep=False)


def locked(by: Lock) -> Fault:
    """Says where, and not by whom."""
    return Fault(Kind.IN_USE, f"{by.path} is locked.")


def _held(lock: Lock, caller: Caller) -> bool:
    return lock.person == caller.person and lock.token in caller.tokens
