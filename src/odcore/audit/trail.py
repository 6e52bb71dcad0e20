"""The audit trail: what happened, who did it, to whom; append-only, and a changed line betrays itself.

Each row carries a SHA-256 over itself and the digest of the row before, so that an edit, an insertion or a removal
breaks the chain from there on. What a chain cannot show is that its end was cut off: note the newest digest elsewhere
(`odmail audit verify` prints it and, given an older one, says whether the trail still holds it).

Changes of the directory are durable when `record` returns. Sign-ins and opened mailboxes are many: they are written
within moments, many in one commit, and nobody waits for them.
"""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import structlog
from sqlalchemy import BindParameter, ColumnElement, bindparam, insert, literal_column, select

from odcore import clock
from odcore.audit.schema import trail
from odcore.backlog import Backlog
from odcore.errors import Fault, Kind
from odcore.sql.database import Database
from odcore.sql.migrate import Schema
from odcore.sql.statement import statement

if TYPE_CHECKING:
    from odcore.sql.database import Cursor

log = structlog.get_logger()

_SCHEMA = Schema("odcore.audit")
_OFTEN = frozenset(("sign-in", "mailbox-opened", "submitted", "submission-held"))
_MOST_WAITING = 20_000
_AT_ONCE = 500
_GENESIS = "0" * 64
_Row = tuple[str, str, str, str, str]
_COLUMNS = (trail.c.number, trail.c.at, trail.c.event, trail.c.actor, trail.c.subject, trail.c.facts, trail.c.digest)

_FIRST: ColumnElement[int] = literal_column("0")
_LAST = statement(
    select(trail.c.number, trail.c.digest).order_by(trail.c.number.desc()).limit(literal_column("1")).offset(_FIRST)
)
_INSERT = statement(insert(trail))
_PAGE = statement(
    select(*_COLUMNS)
    .where(trail.c.number > bindparam("after"))
    .order_by(trail.c.number)
    .limit(bindparam("most"))
    .offset(_FIRST)
)


class Event(msgspec.Struct, frozen=True):
    """One row."""

    number: int
    at: str
    event: str
    actor: str
    subject: str
    facts: dict[str, str]
    digest: str


class Verdict(msgspec.Struct, frozen=True):
    """What `verify` found: how many rows are sound, the last sound digest, the first broken row (0: none)."""

    rows: int
    head: str
    broken: int = 0
    holds: bool = True  # the digest asked for is in the chain


class Trail:
    """The trail in `folder`. Shared by all threads of a process, and by all processes of a node."""

    def __init__(self, folder: Path) -> None:
        self._database = Database(folder / "audit.sqlite", _SCHEMA)
        self._backlog = Backlog("audit", self._write, most=_MOST_WAITING, at_once=_AT_ONCE)

    def record(self, event: str, actor: str, subject: str, /, **facts: str) -> None:
        """Add a row. Fault TRY_LATER when it cannot be written and is not one of many."""
        row = (clock.now().isoformat(), event, actor, subject, msgspec.json.encode(facts, order="sorted").decode())
        if event not in _OFTEN:
            self._database.submit(lambda cursor: _append(cursor, [row]))
            return
        self._backlog.put(row)  # where the disk cannot keep up, those who sign in wait for it

    def flush(self) -> None:
        """Returns when all that was recorded is on disk."""
        self._backlog.flush()

    def close(self) -> None:
        """Write what waits, and let go of the file."""
        self._backlog.close()
        self._database.close()

    def events(
        self,
        *,
        since: str = "",
        until: str = "",
        event: str = "",
        about: frozenset[str] = frozenset(),
        to: str = "",
        most: int = 100,
    ) -> list[Event]:
        """The newest `most` rows, oldest first. `since` (included) and `until` (excluded): ISO 8601, UTC.

        `about`: ids that must be actor or subject; `to`: the subject.
        """
        query = select(*_COLUMNS).order_by(trail.c.number.desc()).limit(bindparam("most")).offset(_FIRST)
        if since:
            query = query.where(trail.c.at >= bindparam("since"))
        if until:
            query = query.where(trail.c.at < bindparam("until"))
        if event:
            query = query.where(trail.c.event == bindparam("event"))
        if to:
            query = query.where(trail.c.subject == bindparam("to"))
        bindings: dict[str, Any] = {"since": since, "until": until, "event": event, "to": to, "most": most}
        if about:
            names: list[BindParameter[str]] = [bindparam(f"id{index}") for index, _ in enumerate(about)]
            bindings |= {f"id{index}": each for index, each in enumerate(about)}
            query = query.where(trail.c.actor.in_(names) | trail.c.subject.in_(names))
        with self._database.read() as cursor:
            rows = cursor.all(statement(query), bindings)
        return [_event(row) for row in reversed(rows)]

    def verify(self, head: str = "") -> Verdict:
        """Walk the whole chain. `head` is a digest noted earlier that must still be in it."""
        number, digest, holds = 0, _GENESIS, not head
        while True:
            with self._database.read() as cursor:
                page = cursor.all(_PAGE, {"after": number, "most": 5000})
            for row in page:
                expected = _digest(digest, row[:6])
                if row[0] != number + 1 or row[6] != expected:
                    return Verdict(number, digest, number + 1, holds)
                number, digest = row[0], row[6]
                holds = holds or digest == head
            if not page:
                return Verdict(number, digest, 0, holds)

    def _write(self, batch: list[_Row]) -> None:
        """Nobody waits for these: what cannot be written now is tried again, and meanwhile the queue fills."""
        while True:
            try:
                self._database.submit(lambda cursor: _append(cursor, batch))
            except Fault as fault:
                log.error("audit_not_written", rows=len(batch), reason=fault.text)
                if fault.kind not in (Kind.TRY_LATER, Kind.NO_SPACE) or self._backlog.closing:
                    return
                self._backlog.pause(1.0)
            else:
                return


def _append(cursor: "Cursor", rows: list[_Row]) -> None:
    number, digest = cursor.first(_LAST) or (0, _GENESIS)
    for row in rows:
        number += 1
        digest = _digest(digest, (number, *row))
        names = ("number", "at", "event", "actor", "subject", "facts", "digest")
        cursor.execute(_INSERT, dict(zip(names, (number, *row, digest), strict=True)))


def _digest(before: str, row: tuple[Any, ...]) -> str:
    """Over an unambiguous form of the row: a JSON array."""
    return hashlib.sha256(before.encode() + msgspec.json.encode(row)).hexdigest()


def _event(row: tuple[Any, ...]) -> Event:
    number, at, event, actor, subject, facts, digest = row
    return Event(number, at, event, actor, subject, msgspec.json.decode(facts, type=dict[str, str]), digest)
