"""What calendar apps ask, of a calendar of so many events. Each step is a figure."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from xml.sax.saxutils import escape

from bench.dav.client import Client, Site, Work, alone, together

_EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\n"
    "DTSTART:{start}\r\nDTEND:{end}\r\n{rule}SUMMARY:Review of works {uid}\r\nDESCRIPTION:{text}\r\n"
    "LOCATION:Conference hall\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
_XML = '<?xml version="1.0"?>'
_ETAGS = _XML + '<D:propfind xmlns:D="DAV:"><D:prop><D:getetag/></D:prop></D:propfind>'
_TAG = (
    _XML + '<D:propfind xmlns:D="DAV:" xmlns:S="http://calendarserver.org/ns/"><D:prop><S:getctag/><D:sync-token/>'
    "</D:prop></D:propfind>"
)
_QUERY = (
    _XML
    + '<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/>{data}</D:prop>'
    '<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">'
    '<C:time-range start="20260301T000000Z" end="20260401T000000Z"/></C:comp-filter></C:comp-filter></C:filter>'
    "</C:calendar-query>"
)
_SYNC = (
    _XML + '<D:sync-collection xmlns:D="DAV:"><D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>'
    "<D:prop><D:getetag/></D:prop></D:sync-collection>"
)
_MULTIGET = (
    _XML + '<C:calendar-multiget xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/>'
    "<C:calendar-data/></D:prop>{hrefs}</C:calendar-multiget>"
)
_CALENDAR = {"Content_Type": "text/calendar; charset=utf-8"}
_TYPE = {"Content_Type": "application/xml; charset=utf-8"}
_DAYS = 365

STEPS = (
    "PROPFIND 1, etags",
    "PROPFIND 0, ctag and token",
    "One month with data",
    "One month, etags",
    "Synchronize, from nothing",
    "Synchronize, nothing new",
    "Synchronize, one new",
    "PUT new",
    "PUT update",
    "GET",
    "Multiget of 100",
)


def event(number: int, changed: int = 0) -> str:
    """Spread over a year, every seventh weekly."""
    start = datetime(2026, 1, 1, 4, 30) + timedelta(days=number * 37 % _DAYS, hours=number % 8)
    rule = "RRULE:FREQ=WEEKLY;COUNT=10\r\n" if number % 7 == 0 else ""
    times = {"start": start, "end": start + timedelta(hours=1)}
    shown = {name: f"{time:%Y%m%dT%H%M%SZ}" for name, time in times.items()}
    return _EVENT.format(uid=f"bench-{number}", rule=rule, text=f"Agenda {changed}. " + "Item of work. " * 20, **shown)


def fill(site: Site, events: int) -> None:
    """By PUT, eight at a time, where the server has no quicker way."""
    if site.fill is not None:
        site.fill({f"bench-{number}.ics": event(number) for number in range(events)})
        return

    def some(first: int) -> None:
        client = Client(site)
        for number in range(first, events, 8):
            put(client, number)
        client.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(some, range(8)))


def put(client: Client, number: int, changed: int = 0) -> None:
    client.ask("PUT", f"bench-{number}.ics", event(number, changed).encode(), **_CALENDAR)


def measure(site: Site, events: int, seconds: float) -> dict[str, tuple[float, float]]:
    """Milliseconds of one client, and how many a second eight do, by step."""
    found, number = {}, events
    for step, work in _work(site, events).items():
        one, number = alone(site, work, number, seconds)
        many, number = together(site, work, number, seconds)
        found[step] = (one, many)
    return found


def _work(site: Site, events: int) -> dict[str, Work]:
    def report(text: str, depth: str = "1") -> Callable[[Client, int], bytes]:
        return lambda client, _: client.ask("REPORT", "", text.encode(), Depth=depth, **_TYPE)

    def propfind(text: str, depth: str) -> Callable[[Client, int], bytes]:
        return lambda client, _: client.ask("PROPFIND", "", text.encode(), Depth=depth, **_TYPE)

    def multiget(client: Client, number: int) -> bytes:
        names = (f"bench-{(number * 100 + each) % events}.ics" for each in range(100))
        hrefs = "".join(f"<D:href>{escape(site.path + name)}</D:href>" for name in names)
        octets = client.ask("REPORT", "", _MULTIGET.format(hrefs=hrefs).encode(), Depth="1", **_TYPE)
        assert octets.count(b"BEGIN:VCALENDAR") == 100, (site.name, octets[:300])
        return octets

    token = _token(Client(site))
    old = {"token": token}

    def one_new(client: Client, number: int) -> None:
        """The change counts too: nobody can ask for it without."""
        put(client, number % events, number)
        octets = client.ask("REPORT", "", _SYNC.format(token=old["token"]).encode(), Depth="0", **_TYPE)
        old["token"] = _found(octets) or old["token"]

    return dict(
        zip(
            STEPS,
            (
                propfind(_ETAGS, "1"),
                propfind(_TAG, "0"),
                report(_QUERY.format(data="<C:calendar-data/>")),
                report(_QUERY.format(data="")),
                report(_SYNC.format(token=""), "0"),
                report(_SYNC.format(token=token), "0"),
                one_new,
                put,
                lambda client, number: put(client, number % events, number),
                lambda client, number: client.ask("GET", f"bench-{number % events}.ics"),
                multiget,
            ),
            strict=True,
        )
    )


def _token(client: Client) -> str:
    return _found(client.ask("REPORT", "", _SYNC.format(token="").encode(), Depth="0", **_TYPE))


def _found(octets: bytes) -> str:
    found = re.search(rb"sync-token>([^<]*)<", octets)
    return found[1].decode() if found else ""
