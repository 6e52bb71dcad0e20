"""Somebody wants to see a calendar that others keep: it is theirs at once, and filled by whoever follows it."""

from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import msgspec

from odcore import ids
from oddav.feeds.fetch import allowed
from oddav.feeds.settings import SubscriptionSettings
from oddav.feeds.whole import TRANSPARENT
from oddav.scheduling.pending import Pending
from oddav.store.model import Create, Kind
from oddav.store.ops import create, feeds
from oddav.store.store import Home
from oddav.store.transaction import Transaction

_SERVER = "http://calendarserver.org/ns/"
SOURCE = f"{{{_SERVER}}}source"
_NAME = "{DAV:}displayname"


class Subscription(msgspec.Struct, frozen=True):
    """What somebody wants to see."""

    url: str
    properties: dict[str, str] = {}  # XML by name in Clark's notation
    name: str = ""  # in the calendar's path


class Subscribing:
    """By whatever people use for it."""

    def __init__(self, settings: SubscriptionSettings, subscribers: Pending) -> None:
        self.hosts = settings.hosts
        self._subscribers = subscribers

    def subscribe(self, home: Home, wanted: Subscription) -> str:
        """The new calendar's name. Faults BAD_REQUEST, DENIED (that host), EXISTS, LIMIT."""
        source = allowed(wanted.url, self.hosts)
        self._subscribers.mark(home.id)
        return home.write(lambda tx: _make(tx, source, wanted))


def titled(title: str) -> dict[str, str]:
    """The properties of a calendar that is called so."""
    return {_NAME: f'<D:displayname xmlns:D="DAV:">{escape(title)}</D:displayname>'}


def _make(tx: Transaction, source: str, wanted: Subscription) -> str:
    name = wanted.name or f"subscribed-{ids.readable(8)}"
    href = f'<D:href xmlns:D="DAV:">{escape(source)}</D:href>'
    properties = titled(urlsplit(source).hostname or "") | wanted.properties
    properties |= {
        SOURCE: f'<CS:source xmlns:CS="{_SERVER}">{href}</CS:source>',
        TRANSPARENT[0]: TRANSPARENT[1],
    }
    made = create.create(tx, Create(name, Kind.CALENDAR, "VEVENT,VTODO,VJOURNAL", properties, source))
    feeds.add(tx, made.collection)
    return name
