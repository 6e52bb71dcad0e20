"""Greylisting: whoever comes for the first time is asked to come again, as mail servers do and spam programs do not.

RFC 6647. A client network whose mail came again a few times is known from then on and waits no more.
"""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert

from odcore.sql.database import Cursor
from odcore.sql.statement import statement
from odmail.filter.schema import attempt, client

WAIT = 300
"""Seconds before a second attempt counts."""

EXPECTED = 4 * 3600
"""A first attempt that is not followed by another for so long was none (servers retry within hours)."""

REMEMBERED = 36 * 86400
"""What passed is known for so long after it was last seen: a newsletter comes once a month."""

KNOWN = 5
"""Passes after which a network is known."""

_CLIENT = statement(select(client.c.passes).where(client.c.network == bindparam("network")))
_ATTEMPT = statement(
    select(attempt.c.first, attempt.c.last, attempt.c.passed).where(attempt.c.hash == bindparam("hash"))
)
_PUT = insert(attempt)
_SAVE = statement(
    _PUT.on_conflict_do_update(
        index_elements=[attempt.c.hash],
        set_={"first": _PUT.excluded.first, "last": _PUT.excluded.last, "passed": _PUT.excluded.passed},
    )
)
_MET = insert(client)
_COUNT = statement(
    _MET.on_conflict_do_update(
        index_elements=[client.c.network],
        set_={"passes": client.c.passes + _MET.excluded.passes, "last": _MET.excluded.last},
    )
)
_FORGET_NEW = statement(
    delete(attempt).where(attempt.c.last < bindparam("instant"), attempt.c.passed == bindparam("no"))
)
_FORGET_OLD = statement(delete(attempt).where(attempt.c.last < bindparam("instant")))
_FORGET_CLIENT = statement(delete(client).where(client.c.last < bindparam("instant")))


def is_known(cursor: Cursor, network: str) -> bool:
    """Has mail of this network come again often enough?"""
    row = cursor.first(_CLIENT, {"network": network})
    return row is not None and row[0] >= KNOWN


def is_settled(cursor: Cursor, hashes: Sequence[int], instant: int) -> bool:
    """Have all passed, and was that noted within a day? Then there is nothing to write."""
    rows = [cursor.first(_ATTEMPT, {"hash": each}) for each in hashes]
    return all(row is not None and row[2] and row[1] > instant - 86400 for row in rows)


def attempted(cursor: Cursor, network: str, hashes: Sequence[int], instant: int) -> int:
    """An attempt is made: seconds it has to wait, 0 when it may pass."""
    longest, passed_now = 0, False
    for each in hashes:
        row = cursor.first(_ATTEMPT, {"hash": each})
        wait = _wait(row, instant)
        is_new = row is None or _is_stale(row, instant)
        passed_now |= not wait and not (row and row[2])
        first = instant if is_new else row[0]
        cursor.execute(_SAVE, {"hash": each, "first": first, "last": instant, "passed": int(not wait)})
        longest = max(longest, wait)
    if passed_now and not longest:
        cursor.execute(_COUNT, {"network": network, "passes": 1, "last": instant})
    return longest


def forget(cursor: Cursor, instant: int) -> None:
    """What is too old to mean anything."""
    cursor.execute(_FORGET_NEW, {"instant": instant - EXPECTED, "no": 0})
    cursor.execute(_FORGET_OLD, {"instant": instant - REMEMBERED})
    cursor.execute(_FORGET_CLIENT, {"instant": instant - REMEMBERED})


def _wait(row: tuple[int, int, int] | None, instant: int) -> int:
    if row is None or _is_stale(row, instant):
        return WAIT
    return 0 if row[2] else max(0, row[0] + WAIT - instant)


def _is_stale(row: tuple[int, int, int], instant: int) -> bool:
    return row[1] < instant - (REMEMBERED if row[2] else EXPECTED)
