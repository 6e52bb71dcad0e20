"""What accounts teach by moving messages into Junk and out of it, and how far their Junk was looked at."""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert

from odcore.sql.database import Cursor
from odcore.sql.statement import statement
from odmail.filter.ops import features
from odmail.filter.schema import inmate, lesson, ward

_WARD = statement(select(ward.c.mailbox, ward.c.modseq, ward.c.uidnext).where(ward.c.scope == bindparam("scope")))
_PUT_WARD = insert(ward)
_SAVE_WARD = statement(
    _PUT_WARD.on_conflict_do_update(
        index_elements=[ward.c.scope],
        set_={
            "mailbox": _PUT_WARD.excluded.mailbox,
            "modseq": _PUT_WARD.excluded.modseq,
            "uidnext": _PUT_WARD.excluded.uidnext,
        },
    )
)
_INMATE = (inmate.c.scope == bindparam("scope"), inmate.c.uid == bindparam("uid"))
_FIND_INMATE = statement(select(inmate.c.message).where(*_INMATE))
_DROP_INMATE = statement(delete(inmate).where(*_INMATE))
_DROP_INMATES = statement(delete(inmate).where(inmate.c.scope == bindparam("scope")))
_ADD_INMATE = statement(insert(inmate).on_conflict_do_nothing())
_LESSON = statement(
    select(lesson.c.unwanted).where(lesson.c.scope == bindparam("scope"), lesson.c.message == bindparam("message"))
)
_PUT_LESSON = insert(lesson)
_SAVE_LESSON = statement(
    _PUT_LESSON.on_conflict_do_update(
        index_elements=[lesson.c.scope, lesson.c.message], set_={"unwanted": _PUT_LESSON.excluded.unwanted}
    )
)


class Ward(msgspec.Struct, frozen=True):
    """How far a Junk mailbox was looked at."""

    mailbox: int = 0
    modseq: int = 0
    uidnext: int = 1


class Lesson(msgspec.Struct, frozen=True):
    """A message, by its key in the account, and what it is. `common`: the whole site may learn from it."""

    message: int
    features: frozenset[int]
    unwanted: bool
    common: bool


def standing(cursor: Cursor, scope: int) -> Ward:
    """As last saved."""
    row = cursor.first(_WARD, {"scope": scope})
    return Ward(*row) if row else Ward()


def gone(cursor: Cursor, scope: int, uids: Iterable[int]) -> list[int]:
    """The messages that lay in Junk under these uids."""
    rows = (cursor.first(_FIND_INMATE, {"scope": scope, "uid": uid}) for uid in uids)
    return [row[0] for row in rows if row]


def known(cursor: Cursor, scope: int, message: int) -> bool:
    """Has it taught something?"""
    return cursor.first(_LESSON, {"scope": scope, "message": message}) is not None


def save(
    cursor: Cursor, scope: int, seen: Ward, came: Sequence[tuple[int, int]], went: Iterable[int], *, afresh: bool
) -> None:
    """`came`: uid and message; `went`: uids. `afresh`: it is another mailbox now."""
    if afresh:
        cursor.execute(_DROP_INMATES, {"scope": scope})
    for uid in went:
        cursor.execute(_DROP_INMATE, {"scope": scope, "uid": uid})
    for uid, message in came:
        cursor.execute(_ADD_INMATE, {"scope": scope, "uid": uid, "message": message})
    cursor.execute(_SAVE_WARD, {"scope": scope, **msgspec.structs.asdict(seen)})


def teach(cursor: Cursor, scope: int, site: int, given: Lesson, day: int) -> None:
    """Once for each message: the opposite of an earlier lesson takes that one back."""
    row = cursor.first(_LESSON, {"scope": scope, "message": given.message})
    if row is not None and bool(row[0]) == given.unwanted:
        return
    for each in (scope, site) if given.common else (scope,):
        if row is not None:
            features.learn(cursor, each, given.features, bool(row[0]), -1, day)
        features.learn(cursor, each, given.features, given.unwanted, 1, day)
    cursor.execute(_SAVE_LESSON, {"scope": scope, "message": given.message, "unwanted": int(given.unwanted)})
