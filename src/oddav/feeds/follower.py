"""Follows subscribed calendars: looks now and then whether they have changed. One process of a node does it."""

from pathlib import Path
from threading import Event

import msgspec
import structlog

from odcore import clock
from odcore.errors import Fault
from odcore.ids import AccountId
from oddav.feeds.copies import Copies, wait
from oddav.feeds.fetch import Web
from oddav.feeds.whole import apart
from oddav.scheduling.pending import Pending
from oddav.store.ops import feeds
from oddav.store.ops.feeds import Feed
from oddav.store.ops.fill import fill
from oddav.store.store import Home, Store

log = structlog.get_logger()

_ROUND = 60.0
"""Seconds."""


class Follower:
    """Of one node. A file for each account that has subscribed to something says where to look."""

    def __init__(self, store: Store, web: Web, subscribers: Pending, copies: Path) -> None:
        self._store = store
        self._copies = Copies(copies, web)
        self._subscribers = subscribers
        self._stopping = Event()

    def stop(self) -> None:
        """Let `run` return after the calendar it is at. From any thread."""
        self._stopping.set()

    def run(self) -> None:
        """Work until stopped."""
        while not self._stopping.is_set():
            for account, marks in self._subscribers.accounts().items():
                if not self._guarded(account):
                    for mark in marks:
                        mark.unlink(missing_ok=True)
            self._stopping.wait(_ROUND)

    def _guarded(self, account: AccountId) -> bool:
        """Whether it has subscribed to anything. One account's failure is no other's."""
        try:
            return self._stopping.is_set() or self.follow(account)
        except Fault as fault:
            log.warning("subscriptions_failed", account=account, reason=fault.text)
        except Exception:
            log.exception("subscriptions_failed", account=account)
        return True

    def follow(self, account: AccountId) -> bool:
        """Look at what is due; whether the account has subscribed to anything."""
        home = self._store.open(account, ())
        found = home.read(feeds.feeds)
        for each in found:
            if each.due <= clock.timestamp() and not self._stopping.is_set():
                self._visit(home, each)
        return bool(found)

    def _visit(self, home: Home, feed: Feed) -> None:
        copy = self._copies.latest(feed.source)
        told, due, changed = copy.said, copy.due, 0
        if not told and copy.digest != feed.etag:
            try:
                changed = _take(home, feed, self._copies.octets(feed.source))
            except Fault as fault:
                told, due = fault.text, clock.timestamp() + wait(feed.tries)
        if told:
            late = msgspec.structs.replace(feed, due=due, tries=feed.tries + 1, said=told)
            home.write(lambda tx: feeds.save(tx, late))
            log.info("subscription_failed", account=home.id, calendar=feed.name, reason=told)
            return
        fine = msgspec.structs.replace(feed, etag=copy.digest, fetched=copy.fetched, due=due, tries=0, said="")
        home.write(lambda tx: feeds.save(tx, fine))
        log.info("subscription_shown", account=home.id, calendar=feed.name, changed=changed)


def _take(home: Home, feed: Feed, octets: bytes) -> int:
    """A calendar without events is one; what is no calendar changes nothing."""
    wanted, left_out = apart(octets)
    if left_out:
        log.info("subscription_left_out", account=home.id, calendar=feed.name, objects=left_out)
    return home.write(lambda tx: fill(tx, feed.name, wanted))
