"""Where what arrives is put: the default calendar.  RFC 6638 9.2"""

from urllib.parse import unquote
from xml.etree import ElementTree

from oddav.store.model import Collection, Kind
from oddav.store.ops import properties
from oddav.store.transaction import Transaction

PROPERTY = "{urn:ietf:params:xml:ns:caldav}schedule-default-calendar-URL"


def default_calendar(tx: Transaction, component: str = "VEVENT") -> str | None:
    """The one chosen, else the oldest that holds such things."""
    collections = tx.collections()
    inbox = next((each for each in collections if each.kind == Kind.INBOX), None)
    chosen = "" if inbox is None else chosen_name(properties.properties(tx, inbox).get(PROPERTY, ""))
    able = [each.name for each in collections if holds(each, component)]
    return chosen if chosen in able else next(iter(able), None)


def chosen_name(xml: str) -> str:
    """Of the property: the last part of its path, "" where there is none."""
    if not xml:
        return ""
    href = ElementTree.fromstring(xml).findtext("{DAV:}href") or ""  # noqa: S314 - written by ourselves
    return unquote(href.strip().rstrip("/").rpartition("/")[2])


def holds(collection: Collection, component: str) -> bool:
    """Is it a calendar for such things?"""
    return collection.kind == Kind.CALENDAR and component in collection.components.split(",")
