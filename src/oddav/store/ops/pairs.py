"""The two faces of notes: which message is which journal, and what both said when they last were alike."""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import Table, bindparam, delete, func, select, text, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.sql.expression import literal_column

from odcore.notes import Mark
from odcore.sql.statement import statement
from oddav.store import schema
from oddav.store.transaction import Transaction

_mark, _pair, _letter, _item = schema.note_mark, schema.note_pair, schema.note_letter, schema.item


class Standing(msgspec.Struct, frozen=True):
    """How far both sides have been read."""

    mark: Mark = Mark()
    token: str = ""


class Pair(msgspec.Struct):
    """One note. Fields are the columns."""

    key: str
    href: str = ""
    etag: str = ""  # of the journal when both were alike
    uid: int = 0  # of the message then
    base: str = ""  # digest of what both said
    due: int = 0  # 1: the mailbox is still to be told


_PAIR = [_pair.c[name] for name in Pair.__struct_fields__]
_OURS = _pair.c.account == bindparam("account")
_STANDING = statement(
    select(_mark.c.mailbox, _mark.c.modseq, _mark.c.uidnext, _mark.c.token).where(
        _mark.c.account == bindparam("account")
    )
)


def _replacing(table: Table, keys: Sequence[str]) -> str:
    others = [column.name for column in table.columns if column.name not in keys]
    return statement(
        upsert(table).on_conflict_do_update(
            index_elements=list(keys), set_={name: literal_column(f"excluded.{name}") for name in others}
        )
    )


_STAND = _replacing(_mark, ("account",))
_SAVE = _replacing(_pair, ("account", "key"))
_KNOW = _replacing(_letter, ("account", "uid"))
_BY_KEY = statement(select(*_PAIR).where(_OURS, _pair.c.key == bindparam("key")))
_BY_HREF = statement(select(*_PAIR).where(_OURS, _pair.c.href == bindparam("href")))
_DUE = statement(select(_pair.c.key).where(_OURS, _pair.c.due == text("1")))
_LOST = statement(
    select(_pair.c.key).where(
        _OURS,
        _pair.c.href != text("''"),
        ~select(_item.c.item)
        .where(
            _item.c.account == _pair.c.account,
            _item.c.collection == bindparam("collection"),
            _item.c.href == _pair.c.href,
        )
        .exists(),
    )
)
_END = statement(delete(_pair).where(_OURS, _pair.c.key == bindparam("key")))
_NEWEST = statement(
    select(func.max(_letter.c.uid)).where(_letter.c.account == bindparam("account"), _letter.c.key == bindparam("key"))
)
_BETWEEN = (_letter.c.account == bindparam("account"), _letter.c.uid.between(bindparam("first"), bindparam("last")))
_KEYS = statement(select(_letter.c.key).where(*_BETWEEN).distinct())
_FORGET = statement(delete(_letter).where(*_BETWEEN))
_FORGET_ALL = statement(delete(_letter).where(_letter.c.account == bindparam("account")))
_UNLIKE = statement(update(_pair).where(_OURS).values(etag=text("''"), uid=text("0"), base=text("''"), due=text("1")))


def standing(tx: Transaction) -> Standing:
    """Where the last comparison ended."""
    row = tx.cursor.first(_STANDING, {"account": tx.account})
    return Standing() if row is None else Standing(Mark(*row[:3]), row[3])


def stand(tx: Transaction, now: Standing) -> None:
    """The next one goes on from here."""
    tx.cursor.execute(_STAND, {"account": tx.account, **msgspec.structs.asdict(now.mark), "token": now.token})


def pair(tx: Transaction, key: str) -> Pair:
    """Perhaps one nobody knew."""
    row = tx.cursor.first(_BY_KEY, {"account": tx.account, "key": key})
    return Pair(key) if row is None else Pair(*row)


def with_href(tx: Transaction, href: str) -> Pair | None:
    """The note whose journal has this name."""
    row = tx.cursor.first(_BY_HREF, {"account": tx.account, "href": href})
    return None if row is None else Pair(*row)


def save(tx: Transaction, each: Pair) -> None:
    """As it now stands."""
    tx.cursor.execute(_SAVE, {"account": tx.account, **msgspec.structs.asdict(each)})


def end(tx: Transaction, key: str) -> None:
    """Neither face is there any more."""
    tx.cursor.execute(_END, {"account": tx.account, "key": key})


def due(tx: Transaction) -> list[str]:
    """Keys of which the mailbox is still to be told."""
    return [key for (key,) in tx.cursor.all(_DUE, {"account": tx.account})]


def lost(tx: Transaction, collection: int) -> list[str]:
    """Keys whose journal is not there. Looks at all."""
    return [key for (key,) in tx.cursor.all(_LOST, {"account": tx.account, "collection": collection})]


def newest(tx: Transaction, key: str) -> int:
    """The uid of the message that counts, 0 for none."""
    return tx.cursor.first(_NEWEST, {"account": tx.account, "key": key})[0] or 0


def know(tx: Transaction, found: dict[int, str]) -> None:
    """Messages that are notes."""
    tx.cursor.executemany(_KNOW, [{"account": tx.account, "uid": uid, "key": key} for uid, key in found.items()])


def forget(tx: Transaction, gone: Iterable[tuple[int, int]]) -> set[str]:
    """Messages that are no more; the keys they had."""
    keys: set[str] = set()
    for first, last in gone:
        bindings = {"account": tx.account, "first": first, "last": last}
        keys.update(key for (key,) in tx.cursor.all(_KEYS, bindings))
        tx.cursor.execute(_FORGET, bindings)
    return keys


def forget_mailbox(tx: Transaction) -> None:
    """There is another in its place, and nothing is known to be alike."""
    tx.cursor.execute(_FORGET_ALL, {"account": tx.account})
    forget_base(tx)


def forget_base(tx: Transaction) -> None:
    """Compare everything anew: what is missing on one side was not deleted there."""
    tx.cursor.execute(_UNLIKE, {"account": tx.account})
