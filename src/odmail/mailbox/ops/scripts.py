"""Sieve scripts: put, read, rename, delete, activate.  RFC 5804 2"""

import unicodedata

from sqlalchemy import bindparam, case, delete, func, literal_column, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from odcore import clock
from odcore.errors import Fault, Kind
from odcore.sql.statement import statement
from odmail.mailbox import schema
from odmail.mailbox.scripts import ActiveScript, PutScript, RenameScript, ScriptEntry
from odmail.mailbox.transaction import Transaction
from odmail.sieve.limits import SCRIPT

MOST = 50
MOST_OCTETS = 4 << 20
_LONGEST_NAME = 128
_FORBIDDEN = {"Cc", "Cs", "Zl", "Zp"}

_script = schema.script
_OF_ACCOUNT = _script.c.account == bindparam("account")
_ENTRY = [_script.c.name, _script.c.size, _script.c.active, _script.c.version, _script.c.changed]
_ALL = statement(select(*_ENTRY).where(_OF_ACCOUNT).order_by(_script.c.name))
_TEXT = statement(select(_script.c.text).where(_OF_ACCOUNT, _script.c.name == bindparam("name")))
_ACTIVE = statement(select(_script.c.name, _script.c.version).where(_OF_ACCOUNT, _script.c.active == 1))
_PUT = statement(
    upsert(_script).on_conflict_do_update(
        index_elements=["account", "name"],
        set_={name: literal_column(f"excluded.{name}") for name in ("size", "version", "changed", "text")},
    )
)
_RENAME = statement(
    update(_script)
    .where(_OF_ACCOUNT, _script.c.name == bindparam("old"))
    .values(name=bindparam("new"), version=bindparam("v"))
)
_DELETE = statement(delete(_script).where(_OF_ACCOUNT, _script.c.name == bindparam("name")))
_ACTIVATE = statement(
    update(_script)
    .where(_OF_ACCOUNT)
    .values(active=case((_script.c.name == bindparam("chosen"), literal_column("1")), else_=literal_column("0")))
)
_USED = statement(
    select(func.count(), func.coalesce(func.sum(_script.c.size), 0)).where(
        _OF_ACCOUNT, _script.c.name != bindparam("name")
    )
)


def scripts(tx: Transaction) -> list[ScriptEntry]:
    """By name."""
    rows = tx.cursor.all(_ALL, {"account": tx.account})
    return [ScriptEntry(name, size, bool(active), version, changed) for name, size, active, version, changed in rows]


def script(tx: Transaction, name: str) -> str:
    """Its text; Fault NOT_FOUND."""
    row = tx.cursor.first(_TEXT, {"account": tx.account, "name": unicodedata.normalize("NFC", name)})
    if row is None:
        raise Fault(Kind.NOT_FOUND, "There is no script of this name.")
    return str(row[0])


def active(tx: Transaction, known: int) -> ActiveScript | None:
    """What is to be run."""
    row = tx.cursor.first(_ACTIVE, {"account": tx.account})
    if row is None:
        return None
    name, version = row
    return ActiveScript(name, version, None if version == known else script(tx, name))


def check_space(tx: Transaction, name: str, size: int) -> str:
    """The name, normalized. Faults BAD_REQUEST, TOO_BIG, OVER_QUOTA, LIMIT."""
    name = _valid(name)
    if size > SCRIPT:
        raise Fault(Kind.TOO_BIG, f"A script may have {SCRIPT} octets.")
    count, octets = tx.cursor.first(_USED, {"account": tx.account, "name": name}) or (0, 0)
    if count >= MOST:
        raise Fault(Kind.LIMIT, f"There may be {MOST} scripts.")
    if octets + size > MOST_OCTETS:
        raise Fault(Kind.OVER_QUOTA, f"All scripts together may have {MOST_OCTETS} octets.")
    return name


def put(tx: Transaction, options: PutScript) -> None:
    """A new one is not active."""
    size = len(options.text.encode())
    name = check_space(tx, options.name, size)
    tx.cursor.execute(
        _PUT,
        {
            "account": tx.account,
            "name": name,
            "size": size,
            "active": 0,
            "version": _version(tx),
            "changed": clock.timestamp(),
            "text": options.text,
        },
    )


def rename(tx: Transaction, options: RenameScript) -> None:
    """In one step.  RFC 5804 2.11.1"""
    old, new = unicodedata.normalize("NFC", options.old), _valid(options.new)
    known = {each.name for each in scripts(tx)}
    if old not in known:
        raise Fault(Kind.NOT_FOUND, "There is no script of this name.")
    if new == old:
        return
    if new in known:
        raise Fault(Kind.EXISTS, "There is a script of that name already.")
    tx.cursor.execute(_RENAME, {"account": tx.account, "old": old, "new": new, "v": _version(tx)})


def remove(tx: Transaction, name: str) -> None:
    """RFC 5804 2.10"""
    name = unicodedata.normalize("NFC", name)
    found = next((each for each in scripts(tx) if each.name == name), None)
    if found is None:
        raise Fault(Kind.NOT_FOUND, "There is no script of this name.")
    if found.active:
        raise Fault(Kind.IN_USE, "The active script cannot be deleted.")
    tx.cursor.execute(_DELETE, {"account": tx.account, "name": name})


def activate(tx: Transaction, name: str) -> None:
    """RFC 5804 2.8"""
    name = unicodedata.normalize("NFC", name)
    if name and all(each.name != name for each in scripts(tx)):
        raise Fault(Kind.NOT_FOUND, "There is no script of this name.")
    tx.cursor.execute(_ACTIVATE, {"account": tx.account, "chosen": name})


def _version(tx: Transaction) -> int:
    books = tx.books()
    version = books.tick()
    tx.save_books(books)
    return version


def _valid(name: str) -> str:
    """RFC 5804 1.6"""
    name = unicodedata.normalize("NFC", name)
    if not name or len(name) > _LONGEST_NAME or any(unicodedata.category(letter) in _FORBIDDEN for letter in name):
        raise Fault(Kind.BAD_REQUEST, f"A script's name has 1 to {_LONGEST_NAME} letters, no control characters.")
    return name
