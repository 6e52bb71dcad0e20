"""Other domains' MTA-STS policies, remembered as long as each wishes.  RFC 8461 5

An attacker who can silence the DNS or the web server must not make a policy go away: what is known and has not expired
counts, whatever the network says now, and what is in use is fetched anew long before it expires.
"""

from collections.abc import Callable
from pathlib import Path
from threading import Lock
from weakref import WeakValueDictionary

import idna
import msgspec
import structlog
from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert

from odcore import clock
from odcore.errors import Fault, Kind
from odcore.net.dns import Resolver
from odcore.sql.database import Database
from odcore.sql.statement import statement
from odmail.transport.schema import SCHEMA, sts
from odmail.transport.sts import Mode, Policy, read_policy, read_record

log = structlog.get_logger()

DAY = 86400
RETRY = 300
"""Seconds until a policy that could not be had is asked for again."""

_PROBLEMS = {Kind.BAD_REQUEST: "sts-policy-invalid", Kind.DENIED: "sts-webpki-invalid"}

REMEMBERED = 60 * DAY
"""A domain nobody has written to for so long is not kept up to date."""

_COLUMNS = ("id", "policy", "fetched", "expires", "tried", "tried_id", "used")
_FIND = statement(select(*(sts.c[name] for name in _COLUMNS)).where(sts.c.domain == bindparam("domain")))
_PUT = insert(sts)
_SAVE = statement(
    _PUT.on_conflict_do_update(
        index_elements=[sts.c.domain], set_={name: getattr(_PUT.excluded, name) for name in _COLUMNS}
    )
)
_STALE = statement(
    select(sts.c.domain).where(
        sts.c.fetched <= bindparam("fetched"),
        sts.c.tried <= bindparam("tried"),
        sts.c.used > bindparam("used"),
        sts.c.expires > bindparam("instant"),
    )
)
_FORGET = statement(delete(sts).where(sts.c.expires <= bindparam("instant"), sts.c.tried <= bindparam("tried")))


class Known(msgspec.Struct):
    """One row."""

    id: str = ""
    policy: str = ""
    fetched: int = 0
    expires: int = 0
    tried: int = 0
    tried_id: str = ""
    used: int = 0


class Policies:
    """Of all domains that mail went to. Blocks; any number of threads may ask."""

    def __init__(
        self,
        folder: Path,
        resolver: Resolver,
        fetch: Callable[[str], bytes],
        now: Callable[[], int] = clock.timestamp,
        note: Callable[[str, str, str], None] = lambda *_: None,
    ) -> None:
        """`fetch` gives a domain's policy as it is published, or raises Fault.

        `note` is told of what could not be had or read: domain, kind of failure (RFC 8460 4.3.2.2) and reason.
        """
        self._note = note
        self._database = Database(folder / "transport.sqlite", SCHEMA)
        self._resolver = resolver
        self._fetch = fetch
        self._now = now
        self._locks: WeakValueDictionary[str, Lock] = WeakValueDictionary()
        self._guard = Lock()
        self._closing = False

    def of(self, domain: str) -> Policy | None:
        """What a domain asks of those who send to it; None when it asks nothing."""
        name = _ascii(domain)
        if not name:
            return None
        with self._lock(name):
            known = self._load(name)
            if known.used < self._now() - DAY and known.policy:
                known.used = self._now()
                self._save(name, known)
            self._renew(name, known, self._announced(name))
            return _standing(known, self._now())

    def refresh(self) -> None:
        """Fetch anew what is in use and a day old, and forget what has expired: an hourly duty."""
        instant = self._now()
        self._database.submit(
            lambda cursor: cursor.execute(_FORGET, {"instant": instant, "tried": instant - DAY}), durable=False
        )
        due = {"fetched": instant - DAY, "tried": instant - DAY // 24, "used": instant - REMEMBERED, "instant": instant}
        with self._database.read() as cursor:
            names = [row[0] for row in cursor.all(_STALE, due)]
        for name in names:
            if self._closing:
                return
            with self._lock(name):
                known = self._load(name)
                self._renew(name, known, known.id)

    def close(self) -> None:
        """Let go of the file."""
        self._closing = True
        self._database.close()

    def _announced(self, name: str) -> str:
        """The id in the DNS; no answer says no more than no record."""
        try:
            return read_record(self._resolver.txt(f"_mta-sts.{name}"))
        except Fault:
            return ""

    def _renew(self, name: str, known: Known, announced: str) -> None:
        """Fetch what is announced, unless it is known or was just tried for."""
        instant = self._now()
        fresh = known.id == announced and instant < min(known.expires, known.fetched + DAY)
        tried = known.tried_id == announced and instant < known.tried + RETRY
        if not announced or fresh or tried:
            return
        known.tried, known.tried_id = instant, announced
        try:
            policy = read_policy(self._fetch(name))
        except Fault as fault:
            log.warning("sts-policy-not-fetched", domain=name, reason=fault.text)
            self._note(name, _PROBLEMS.get(fault.kind, "sts-policy-fetch-error"), fault.text)
        else:
            known.id, known.policy = announced, msgspec.json.encode(policy).decode()
            known.fetched, known.expires, known.used = instant, instant + policy.max_age, known.used or instant
        self._save(name, known)

    def _load(self, name: str) -> Known:
        with self._database.read() as cursor:
            row = cursor.first(_FIND, {"domain": name})
        return Known(*row) if row else Known()

    def _save(self, name: str, known: Known) -> None:
        row = {"domain": name, **msgspec.structs.asdict(known)}
        self._database.submit(lambda cursor: cursor.execute(_SAVE, row), durable=False)

    def _lock(self, name: str) -> Lock:
        """One fetch for a domain at a time; who comes meanwhile waits for what it brings."""
        with self._guard:
            return self._locks.setdefault(name, Lock())


def _standing(known: Known, instant: int) -> Policy | None:
    if not known.policy or known.expires <= instant:
        return None
    policy = msgspec.json.decode(known.policy, type=Policy)
    return None if policy.mode is Mode.NONE else policy


def _ascii(domain: str) -> str:
    """As the DNS has it; "" for what cannot be there."""
    if domain.isascii():
        return domain.lower()
    try:
        return idna.encode(domain, uts46=True).decode("ascii").lower()
    except idna.IDNAError:
        return ""
