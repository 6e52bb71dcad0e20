"""Reports in their database: taken in once, shown by the command line and the pages, forgotten after a year."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import BindParameter, bindparam, delete, func, select
from sqlalchemy.dialects.sqlite import insert as upsert

from odcore import clock
from odcore.errors import Fault, Kind
from odcore.sql.database import Cursor, Database
from odcore.sql.statement import statement
from odmail.reports.model import (
    DmarcPolicy,
    DmarcReport,
    DmarcRow,
    Head,
    Known,
    Obstacle,
    Report,
    Source,
    TlsFailure,
    TlsPolicy,
    TlsReport,
)
from odmail.reports.model import Kind as Sort
from odmail.reports.schema import SCHEMA, dmarc, obstacle, report, tls
from odmail.reports.seen import Seen

KEPT = 400 * 86400
"""Seconds."""

_MOST = 1000
_DMARC = ("report", "row", "source", "count", "disposition", "dkim", "spf", "header_from", "details")
_TLS = ("report", "row", "type", "domain", "successes", "failures", "texts")
_OBSTACLE = ("report", "policy", "row", "result", "host", "receiving", "sending", "reason", "count")

_PUT = statement(upsert(report).on_conflict_do_nothing().returning(report.c.number))
_KNOWN = (
    report.c.number,
    report.c.kind,
    report.c.organization,
    report.c.id,
    report.c.domain,
    report.c.begin,
    report.c.end,
    report.c.received,
    report.c.sender,
    report.c.vouched,
    report.c.count,
    report.c.failures,
)
_WHICH = (report.c.kind == bindparam("kind"), report.c.begin >= bindparam("since"))
_ABOUT = report.c.domain == func.coalesce(bindparam("domain"), report.c.domain)
_LIST = statement(
    select(*_KNOWN)
    .where(*_WHICH, _ABOUT)
    .order_by(report.c.begin.desc(), report.c.number.desc())
    .limit(_MOST)
    .offset(0)
)
_ONE = statement(
    select(*_KNOWN, report.c.contact, report.c.policy).where(
        report.c.number == bindparam("number"), report.c.kind == bindparam("kind")
    )
)
_ROWS = statement(select(dmarc.c.details).where(dmarc.c.report == bindparam("number")).order_by(dmarc.c.row))
_POLICIES = statement(
    select(tls.c.row, tls.c.type, tls.c.domain, tls.c.successes, tls.c.failures, tls.c.texts)
    .where(tls.c.report == bindparam("number"))
    .order_by(tls.c.row)
)
_OBSTACLES = statement(
    select(
        obstacle.c.policy,
        obstacle.c.result,
        obstacle.c.host,
        obstacle.c.receiving,
        obstacle.c.sending,
        obstacle.c.reason,
        obstacle.c.count,
    )
    .where(obstacle.c.report == bindparam("number"))
    .order_by(obstacle.c.policy, obstacle.c.row)
)


def _counted(*conditions: Any) -> Any:
    """The sum of messages for which all this holds."""
    total = func.sum(dmarc.c.count).filter(*conditions) if conditions else func.sum(dmarc.c.count)
    return func.coalesce(total, 0)


_PASS: BindParameter[str] = bindparam("pass")
_NONE: BindParameter[str] = bindparam("none")
_SOURCES = statement(
    select(
        dmarc.c.source,
        report.c.domain,
        _counted().label("total"),
        _counted(dmarc.c.dkim == _PASS),
        _counted(dmarc.c.spf == _PASS),
        _counted(dmarc.c.dkim != _PASS, dmarc.c.spf != _PASS),
        _counted(dmarc.c.disposition != _NONE),
        func.count(dmarc.c.report.distinct()),
    )
    .join(report, report.c.number == dmarc.c.report)
    .where(*_WHICH, _ABOUT)
    .group_by(dmarc.c.source, report.c.domain)
    .order_by(func.sum(dmarc.c.count).desc(), dmarc.c.source)
    .limit(_MOST)
    .offset(0)
)
_TROUBLES = statement(
    select(
        tls.c.domain,
        obstacle.c.host,
        obstacle.c.result,
        func.sum(obstacle.c.count),
        func.count(obstacle.c.report.distinct()),
    )
    .join(report, report.c.number == obstacle.c.report)
    .join(tls, (tls.c.report == obstacle.c.report) & (tls.c.row == obstacle.c.policy))
    .where(*_WHICH, _ABOUT)
    .group_by(tls.c.domain, obstacle.c.host, obstacle.c.result)
    .order_by(func.sum(obstacle.c.count).desc())
    .limit(_MOST)
    .offset(0)
)
_OLD = select(report.c.number).where(report.c.begin < bindparam("before"))
_FORGET = [statement(delete(each).where(each.c.report.in_(_OLD))) for each in (dmarc, tls, obstacle)]
_FORGET.append(statement(delete(report).where(report.c.begin < bindparam("before"))))


class Arrived(msgspec.Struct, frozen=True):
    """How a report came."""

    sender: str
    vouched: bool


class Reports:
    """The database of one data folder."""

    def __init__(self, folder: Path) -> None:
        self._database = Database(folder / "reports.sqlite", SCHEMA)
        self.seen = Seen(self._database)

    def add(self, found: Report, arrived: Arrived) -> bool:
        """False when it is there already."""
        return self._database.submit(lambda cursor: _add(cursor, found, arrived))

    def recent(self, kind: Sort, since: int = 0, domain: str | None = None) -> list[Known]:
        """The newest first, a thousand of them at most."""
        return [Known(*row) for row in self._ask(_LIST, kind=kind, since=since, domain=domain)]

    def show(self, kind: Sort, number: int) -> tuple[Known, Report]:
        """All of one. Fault NOT_FOUND."""
        found = self._ask(_ONE, number=number, kind=kind)
        if not found:
            raise Fault(Kind.NOT_FOUND, f"There is no {kind} report {number}.")
        *facts, contact, policy = found[0]
        known = Known(*facts)
        head = Head(known.organization, contact, known.id, known.begin, known.end)
        if kind is Sort.TLS:
            return known, TlsReport(head, tuple(self._policies(number)))
        rows = (msgspec.json.decode(row[0], type=DmarcRow) for row in self._ask(_ROWS, number=number))
        return known, DmarcReport(head, msgspec.json.decode(policy, type=DmarcPolicy), tuple(rows))

    def sources(self, since: int = 0, domain: str | None = None) -> list[Source]:
        """Who sends mail in our name, the most first."""
        words = {"pass": "pass", "none": "none"}
        return [Source(*row) for row in self._ask(_SOURCES, kind=Sort.DMARC, since=since, domain=domain, **words)]

    def obstacles(self, since: int = 0, domain: str | None = None) -> list[Obstacle]:
        """Why others had no TLS with us, the most first."""
        return [Obstacle(*row) for row in self._ask(_TROUBLES, kind=Sort.TLS, since=since, domain=domain)]

    def forget(self) -> None:
        """What is too old; an hourly duty."""
        before = clock.timestamp() - KEPT
        self._database.submit(lambda cursor: [cursor.execute(each, {"before": before}) for each in _FORGET])

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _policies(self, number: int) -> Iterable[TlsPolicy]:
        details: dict[int, list[TlsFailure]] = {}
        for policy, result, host, receiving, sending, reason, count in self._ask(_OBSTACLES, number=number):
            details.setdefault(policy, []).append(TlsFailure(result, host, receiving, sending, reason, count))
        for row, kind, domain, successes, failures, texts in self._ask(_POLICIES, number=number):
            strings = msgspec.json.decode(texts, type=tuple[str, ...])
            yield TlsPolicy(kind, domain, strings, successes, failures, tuple(details.get(row, ())))

    def _ask(self, sql: str, **bindings: object) -> list[Any]:
        with self._database.read() as cursor:
            return cursor.all(sql, bindings)


def _add(cursor: Cursor, found: Report, arrived: Arrived) -> bool:
    count, failures = _totals(found)
    head = found.head
    is_dmarc = isinstance(found, DmarcReport)
    row = {
        "number": None,
        "kind": Sort.DMARC if is_dmarc else Sort.TLS,
        "organization": head.organization,
        "contact": head.contact,
        "id": head.id,
        "domain": found.domain,
        "policy": _text(found.policy) if isinstance(found, DmarcReport) else "",
        "begin": head.begin,
        "end": head.end,
        "received": clock.timestamp(),
        "sender": arrived.sender,
        "vouched": arrived.vouched,
        "count": count,
        "failures": failures,
    }
    made = cursor.first(_PUT, row)
    if made is None:
        return False
    if isinstance(found, DmarcReport):
        cursor.insert(dmarc, _DMARC, [_dmarc(made[0], at, each) for at, each in enumerate(found.rows)])
    else:
        for at, policy in enumerate(found.policies):
            _add_policy(cursor, made[0], at, policy)
    return True


def _add_policy(cursor: Cursor, number: int, at: int, policy: TlsPolicy) -> None:
    row = (number, at, policy.type, policy.domain, policy.successes, policy.failures, _text(policy.texts))
    cursor.insert(tls, _TLS, [row])
    rows = [
        (number, at, place, each.result, each.host, each.receiving, each.sending, each.reason, each.count)
        for place, each in enumerate(policy.details)
    ]
    cursor.insert(obstacle, _OBSTACLE, rows)


def _dmarc(number: int, at: int, row: DmarcRow) -> tuple[Any, ...]:
    return (number, at, row.source, row.count, row.disposition, row.dkim, row.spf, row.header_from, _text(row))


def _totals(found: Report) -> tuple[int, int]:
    """Messages or sessions, and those that failed."""
    if isinstance(found, DmarcReport):
        failed = sum(row.count for row in found.rows if row.dkim != "pass" and row.spf != "pass")
        return sum(row.count for row in found.rows), failed
    failures = sum(policy.failures for policy in found.policies)
    return failures + sum(policy.successes for policy in found.policies), failures


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()
