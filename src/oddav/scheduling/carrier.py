"""Carries messages: into accounts of the suite at once, outside by mail. One process of a node does it.

A message is gone from its sender's account only when it has arrived; where it arrives, it counts once.
"""

from threading import Event
from typing import Protocol

import structlog

from odcore import clock
from odcore.errors import Fault, Kind
from odcore.ids import AccountId
from odcore.imip import Arrived
from oddav.itip.receive import message
from oddav.scheduling.arriving import arrive
from oddav.scheduling.failing import failed
from oddav.scheduling.mailed import Mailed
from oddav.scheduling.pending import Pending
from oddav.scheduling.users import User, Users
from oddav.store.ops import outgoing
from oddav.store.ops.outgoing import Outgoing
from oddav.store.store import Home, Store

log = structlog.get_logger()

_AGAIN = (5, 30, 120, 600, 3600)
"""Seconds until another try."""

_MOST_TRIES = 100
"""Four days."""

_SWEEP = 5.0
"""Seconds."""

_UNREACHED = "5.1"
"""SCHEDULE-STATUS of whom no message reached.  RFC 6638 3.6.1"""

_LATER = (Kind.TRY_LATER, Kind.NO_SPACE, Kind.INTERNAL)


class Mail(Protocol):
    """How a message leaves the suite."""

    def send(self, user: User, each: Outgoing, octets: bytes) -> None:
        """Durable when this returns; the same `each.id` and recipient again is the same mail. Fault."""


class Carrier:
    """Of one node."""

    def __init__(self, store: Store, users: Users, pending: Pending, mail: Mail, mailed: Mailed) -> None:
        self._store = store
        self._users = users
        self._pending = pending
        self._mail = mail
        self._mailed = mailed
        self._hint = Event()
        self._hinted: set[AccountId] = set()
        self._stopping = False
        self._sweep_at = 0.0

    def wake(self, account: AccountId) -> None:
        """It has something on its way. From any thread."""
        self._hinted.add(account)
        self._hint.set()

    def stop(self) -> None:
        """Let `run` return after the message it is at. From any thread."""
        self._stopping = True
        self._hint.set()

    def run(self) -> None:
        """Work until stopped: at a hint, and now and then for what was hinted at by nobody who lived."""
        while not self._stopping:
            self._hint.clear()
            self.take_in()
            for _ in range(len(self._hinted)):
                self._guarded(self._hinted.pop())
            if clock.monotonic() >= self._sweep_at:
                self.sweep()
                self._sweep_at = clock.monotonic() + _SWEEP
            self._hint.wait(_SWEEP)

    def sweep(self) -> None:
        """All accounts that may have something on its way."""
        for account, settled in self._pending.accounts().items():
            if self._guarded(account):
                for mark in settled:
                    mark.unlink(missing_ok=True)

    def take_in(self) -> None:
        """What came by mail. What cannot be taken in now waits."""
        for path, told in self._mailed.waiting():
            try:
                self._take(told)
            except Fault as fault:
                log.warning("mailed_failed", account=told.account, id=told.id, reason=fault.text)
                if fault.kind in _LATER:
                    continue
            except Exception:
                log.exception("mailed_failed", account=told.account, id=told.id)
                path.rename(path.with_suffix(".bad"))
                continue
            path.unlink(missing_ok=True)

    def _take(self, told: Arrived) -> None:
        user = self._users.account(told.account)
        if not told.returned:
            self._arrive(user, told.id, told.calendar, told.author)
            return
        home = self._store.open(user.id, user.first)
        home.write(lambda tx: failed(tx, told.uid, told.returned, _UNREACHED))

    def _guarded(self, account: AccountId) -> bool:
        """Whether nothing waits there. One account's failure is no other's."""
        try:
            return not self._stopping and not self.carry(account)
        except Fault as fault:
            log.error("scheduling_failed", account=account, reason=fault.text)
        except Exception:
            log.exception("scheduling_failed", account=account)
        return False

    def carry(self, account: AccountId) -> bool:
        """What one account has on its way; whether anything is left."""
        home = self._store.open(account, ())
        now, left = clock.timestamp(), False
        for each in home.read(outgoing.waiting):
            left |= self._stopping or each.due > now or not self._one(home, account, each)
        return left

    def _one(self, home: Home, account: AccountId, each: Outgoing) -> bool:
        try:
            self._deliver(home, account, each)
        except Fault as fault:
            if fault.kind in _LATER and each.tries < _MOST_TRIES:
                due = clock.timestamp() + _AGAIN[min(each.tries, len(_AGAIN) - 1)]
                home.write(lambda tx: outgoing.later(tx, each, due))
                return False
            log.warning("message_failed", account=account, id=each.id, to=each.recipient, reason=fault.text)
            status = "3.7" if fault.kind is Kind.NOT_FOUND else _UNREACHED
            home.write(lambda tx: failed(tx, message(outgoing.octets(tx, each.message)).uid, (each.recipient,), status))
        home.write(lambda tx: outgoing.done(tx, each))
        return True

    def _deliver(self, home: Home, account: AccountId, each: Outgoing) -> None:
        octets = home.read(lambda tx: outgoing.octets(tx, each.message))
        to = self._users.find(each.recipient)
        if to is None:
            self._mail.send(self._users.account(account), each, octets)
            return
        if to.id == account:
            return
        self._arrive(to, each.id, octets, each.sender)

    def _arrive(self, to: User, id: str, octets: bytes, sender: str) -> None:
        """What answers by itself leaves a mark first, as all who send do."""
        if to.answers or b"METHOD:REFRESH" in octets:
            self._pending.mark(to.id)
            self.wake(to.id)
        language = self._users.language(sender) if to.answers else ""
        self._store.open(to.id, to.first, to.quota).write(lambda tx: arrive(tx, to, id, octets, sender, language))
