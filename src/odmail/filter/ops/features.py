"""Words and names: looked up, learned, unlearned, forgotten."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import bindparam, column, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from odcore.sql.database import Cursor
from odcore.sql.statement import statement
from odmail.filter.schema import corpus, feature

MOST_EACH, MOST_SITE = 30_000, 300_000
"""Features kept of an account and of the site; those not learned for longest go first."""

_hashes = func.json_each(bindparam("hashes")).table_valued(column("value"))
_LOOK_UP = statement(
    select(feature.c.hash, feature.c.wanted, feature.c.unwanted).where(
        feature.c.scope == bindparam("scope"), feature.c.hash.in_(select(_hashes.c.value))
    )
)
_CORPUS = statement(select(corpus.c.wanted, corpus.c.unwanted).where(corpus.c.scope == bindparam("scope")))
_MET = insert(feature)
_LEARN = statement(
    _MET.on_conflict_do_update(
        index_elements=[feature.c.scope, feature.c.hash],
        set_={
            "wanted": func.max(feature.c.wanted + _MET.excluded.wanted, bindparam("least")),
            "unwanted": func.max(feature.c.unwanted + _MET.excluded.unwanted, bindparam("least")),
            "day": _MET.excluded.day,
        },
    )
)
_GROWN = insert(corpus)
_GROW = statement(
    _GROWN.on_conflict_do_update(
        index_elements=[corpus.c.scope],
        set_={
            "wanted": func.max(corpus.c.wanted + _GROWN.excluded.wanted, bindparam("least")),
            "unwanted": func.max(corpus.c.unwanted + _GROWN.excluded.unwanted, bindparam("least")),
        },
    )
)
_HOW_MANY = statement(select(func.count()).select_from(feature).where(feature.c.scope == bindparam("scope")))
_EMPTY = statement(
    delete(feature).where(
        feature.c.scope == bindparam("scope"),
        feature.c.wanted == bindparam("none"),
        feature.c.unwanted == bindparam("none"),
    )
)
_OLDEST = statement(
    select(feature.c.day)
    .where(feature.c.scope == bindparam("scope"))
    .order_by(feature.c.day)
    .limit(bindparam("one"))
    .offset(bindparam("at"))
)
_FORGET = statement(delete(feature).where(feature.c.scope == bindparam("scope"), feature.c.day <= bindparam("day")))


def known(cursor: Cursor, scope: int, hashes: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Wanted and unwanted messages of those that are known."""
    bindings = {"scope": scope, "hashes": msgspec.json.encode(list(hashes)).decode()}
    return {row[0]: (row[1], row[2]) for row in cursor.all(_LOOK_UP, bindings)}


def size(cursor: Cursor, scope: int) -> tuple[int, int]:
    """Wanted and unwanted messages a scope has learned from."""
    return cursor.first(_CORPUS, {"scope": scope}) or (0, 0)


def learn(cursor: Cursor, scope: int, hashes: Iterable[int], unwanted: bool, by: int, day: int) -> None:
    """One message more (`by` 1) or less (-1)."""
    change = {"scope": scope, "wanted": 0 if unwanted else by, "unwanted": by if unwanted else 0, "least": 0}
    cursor.execute(_GROW, change)
    for each in hashes:
        cursor.execute(_LEARN, change | {"hash": each, "day": day})


def forget(cursor: Cursor, scope: int) -> None:
    """Keep within bounds."""
    most = MOST_EACH if scope else MOST_SITE
    count = cursor.first(_HOW_MANY, {"scope": scope})[0]
    if count <= most:
        return
    cursor.execute(_EMPTY, {"scope": scope, "none": 0})
    oldest = cursor.first(_OLDEST, {"scope": scope, "one": 1, "at": count - most})
    if oldest is not None:
        cursor.execute(_FORGET, {"scope": scope, "day": oldest[0]})
