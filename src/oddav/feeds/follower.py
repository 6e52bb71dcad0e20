"""Follows subscribed calendars: looks now and then whether they have changed. One process of a node does it."""

from threading import Event
from xml.sax.saxutils import escape

import msgspec
import structlog

from odcore import clock, ids
from odcore.errors import Fault
from odcore.ids import AccountId
from oddav.feeds.fetch import Fetched, Web
from oddav.feeds.whole import TRANSPARENT, apart
from oddav.scheduling.pending import Pending
from oddav.store.model import Create, Kind
from oddav.store.ops import create, feeds
from oddav.store.ops.feeds import Feed
from oddav.store.ops.fill import fill
from oddav.store.store import Home, Store
from oddav.store.transaction import Transaction

log = structlog.get_logger()

_EVERY = 4 * 3600
_AGAIN = 600
_LATEST = 24 * 3600
_ROUND = 60.0
"""Seconds."""

_SOURCE = "http://calendarserver.org/ns/"


class Follower:
    """Of one node. A file for each account that has subscribed to something says where to look."""

    def __init__(self, store: Store, web: Web, subscribers: Pending) -> None:
        self._store = store
        self._web = web
        self._subscribers = subscribers
        self._stopping = Event()

    def subscribe(self, home: Home, url: str, title: str) -> str:
        """The new calendar's name. Faults BAD_REQUEST, DENIED (that host), LIMIT."""
        source = self._web.allowed(url)
        self._subscribers.mark(home.id)
        return home.write(lambda tx: _make(tx, source, title))

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
        now = clock.timestamp()
        try:
            told = self._web.get(feed.source, Fetched(None, feed.etag, feed.modified))
            changed = 0 if told.octets is None else _take(home, feed, told.octets)
        except Fault as fault:
            wait = min(_AGAIN << min(feed.tries, 10), _LATEST)
            late = msgspec.structs.replace(feed, due=now + wait, tries=feed.tries + 1, said=fault.text)
            home.write(lambda tx: feeds.save(tx, late))
            log.info("subscription_failed", account=home.id, calendar=feed.name, reason=fault.text)
            return
        fine = Feed(
            feed.collection, feed.name, feed.source, told.etag, told.modified, now, now + _EVERY, tries=0, said=""
        )
        home.write(lambda tx: feeds.save(tx, fine))
        log.info("subscription_fetched", account=home.id, calendar=feed.name, changed=changed)


def _take(home: Home, feed: Feed, octets: bytes) -> int:
    """A calendar without events is one; what is no calendar changes nothing."""
    wanted, left_out = apart(octets)
    if left_out:
        log.info("subscription_left_out", account=home.id, calendar=feed.name, objects=left_out)
    return home.write(lambda tx: fill(tx, feed.name, wanted))


def _make(tx: Transaction, source: str, title: str) -> str:
    name = f"subscribed-{ids.readable(8)}"
    href = f'<D:href xmlns:D="DAV:">{escape(source)}</D:href>'
    properties = {
        "{DAV:}displayname": f'<D:displayname xmlns:D="DAV:">{escape(title)}</D:displayname>',
        f"{{{_SOURCE}}}source": f'<CS:source xmlns:CS="{_SOURCE}">{href}</CS:source>',
        TRANSPARENT[0]: TRANSPARENT[1],
    }
    made = create.create(tx, Create(name, Kind.CALENDAR, "VEVENT,VTODO,VJOURNAL", properties, source))
    feeds.add(tx, made.collection)
    return name
