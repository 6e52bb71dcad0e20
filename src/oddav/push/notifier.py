"""Tells devices that collections have changed. One process of a node does it.

Hints say which account to look at, and what is to be told is read from its rows. Once an hour, and at the start, all
accounts are looked at that have a file saying that somebody subscribed there. So a crash, a hint that was lost and a
service that is away delay a push, and devices that ask by themselves lose nothing.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

import structlog

from odcore import clock
from odcore.errors import Fault
from odcore.ids import AccountId
from oddav.push.message import Told, written
from oddav.push.service import Became, Outcome, Service
from oddav.scheduling.pending import Pending
from oddav.store.ops import push
from oddav.store.ops.push import Settled, Subscription, Waiting
from oddav.store.store import Home, Store

log = structlog.get_logger()

_MERGE = 1.0
_APART = 5
"""Seconds in which changes are told together; seconds between two pushes to one device."""

_AGAIN, _LATEST = 30, 6 * 3600
_GIVE_UP = 3 * 24 * 3600
_ROUND = 3600.0
_PACE = 0.02
"""Seconds between two accounts of the hourly round."""

_AT_ONCE = 8

MayHear = Callable[[AccountId, str, Subscription], bool]
"""May whoever subscribed to this collection of this account still read it, by what they signed in with?"""


class Notifier:
    """Of one node."""

    def __init__(self, store: Store, service: Service, subscribers: Pending, may_hear: MayHear) -> None:
        self._store = store
        self._service = service
        self._subscribers = subscribers
        self._may_hear = may_hear
        self._lock = Lock()
        self._hinted: set[AccountId] = set()
        self._later: dict[AccountId, int] = {}
        self._hint = Event()
        self._stopping = Event()
        self._all_at = clock.monotonic()

    def note(self, account: AccountId) -> None:
        """Something of this account has changed. From any thread."""
        with self._lock:
            self._hinted.add(account)
        self._hint.set()

    def stop(self) -> None:
        """Let `run` return after the account it is at. From any thread."""
        self._stopping.set()
        self._hint.set()

    def run(self) -> None:
        """Work until stopped."""
        while not self._stopping.is_set():
            self._hint.clear()
            if clock.monotonic() >= self._all_at:
                self._all_at = clock.monotonic() + _ROUND
                self._look_at_all()
            self._look_at(self._take())
            self._hint.wait(_MERGE if self._later else max(self._all_at - clock.monotonic(), 0.0))
            self._stopping.wait(_MERGE)

    def _take(self) -> set[AccountId]:
        """What was hinted at, and what is due by now."""
        now = clock.timestamp()
        with self._lock:
            hinted, self._hinted = self._hinted, set()
        return hinted | {account for account, due in self._later.items() if due <= now}

    def _look_at(self, accounts: set[AccountId]) -> None:
        for account in accounts:
            self._later.pop(account, None)
            if self._stopping.is_set():
                return
            self._guarded(account)

    def _look_at_all(self) -> None:
        """What a crash or a lost hint left; and those who are too old, or may not hear any more."""
        for account, marks in self._subscribers.accounts().items():
            if self._stopping.wait(_PACE):
                return
            left = self._guarded(account)
            for mark in marks[int(left) :]:
                mark.unlink(missing_ok=True)

    def _guarded(self, account: AccountId) -> bool:
        """Whether anybody subscribes there. One account's failure is no other's."""
        try:
            return self.visit(account)
        except Fault as fault:
            log.warning("push_failed", account=account, reason=fault.text)
        except Exception:
            log.exception("push_failed", account=account)
        self._later[account] = clock.timestamp() + _AGAIN
        return True

    def visit(self, account: AccountId) -> bool:
        """Tell whoever is due; whether anybody subscribes there."""
        if not self._store.has(account):
            return False
        home = self._store.open(account, ())
        state = home.read(lambda tx: push.state(tx, clock.timestamp()))
        if state.waiting or state.old:
            with ThreadPoolExecutor(_AT_ONCE) as threads:
                done = list(threads.map(lambda each: self._tell(home, each), state.waiting))
            home.write(lambda tx: push.settle(tx, done, clock.timestamp()))
            state = home.read(lambda tx: push.state(tx, clock.timestamp()))
        if state.due is not None:
            self._later[account] = max(state.due, clock.timestamp() + 1)
        return state.wanted

    def _tell(self, home: Home, each: Waiting) -> Settled:
        to = each.subscription
        if self._stopping.is_set():
            return Settled(to.id, to.told, to.due, to.failing)
        if not self._may_hear(home.id, each.collection.name, to):
            log.info("push_ended", account=home.id, subscription=to.id, reason="no access")
            return Settled(to.id, gone=True)
        if not (each.content or each.properties):
            return Settled(to.id, each.collection.modseq)
        token = each.collection.token if each.content else ""
        topic = f"{each.collection.epoch} {each.content} {each.properties}"
        told = Told(each.collection.epoch, token, each.properties)
        return _settled(each, self._service.push(to, written(told), topic), home.id)


def _settled(each: Waiting, outcome: Outcome, account: AccountId) -> Settled:
    to, now = each.subscription, clock.timestamp()
    if outcome.became is Became.TAKEN:
        log.info("push_sent", account=account, subscription=to.id)
        return Settled(to.id, each.collection.modseq, now + _APART)
    since = to.failing or now
    if outcome.became is Became.GONE or now - since >= _GIVE_UP:
        log.info("push_ended", account=account, subscription=to.id, reason=outcome.reason)
        return Settled(to.id, gone=True)
    log.info("push_waits", account=account, subscription=to.id, reason=outcome.reason)
    wait = max(outcome.wait, min(max(now - since, _AGAIN), _LATEST))
    return Settled(to.id, to.told, now + wait, since)
