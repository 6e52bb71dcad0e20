"""Rooms and resources answer by themselves: free or taken, by their own calendar.  RFC 6638 3.2.2, RFC 5545 3.2.3

It happens in the transaction in which the invitation arrives: of two who want the same hour, one gets it.
"""

from datetime import UTC, datetime, tzinfo

from odcore import clock
from oddav.calendar.busy import Busy, busy
from oddav.calendar.facts import Span, horizon
from oddav.calendar.rules import MOST
from oddav.itip.attendee import answered
from oddav.itip.model import Message
from oddav.itip.thing import Thing, read
from oddav.scheduling import refusals
from oddav.scheduling.target import default_calendar
from oddav.scheduling.users import User
from oddav.store.model import Kind, Range
from oddav.store.ops import read as rows
from oddav.store.ops import zone as zones
from oddav.store.transaction import Transaction

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86400


def book(tx: Transaction, user: User, octets: bytes, now: str, language: str) -> tuple[bytes, tuple[Message, ...]]:
    """The room's copy with its answer, and the answer: why not, in this language."""
    kept = read(octets)
    if kept is None:
        return octets, ()
    said, comment = _decide(tx, user, kept, octets, language)
    message = answered(kept, user.mine, said, comment, now)
    return (octets, ()) if message is None else (kept.octets(), (message,))


def _decide(tx: Transaction, user: User, kept: Thing, octets: bytes, language: str) -> tuple[str, str]:
    """What the room says, and why not."""
    today = clock.timestamp()
    until = int((horizon(clock.now()) - _EPOCH).total_seconds())
    zone = _zone(tx, kept)
    wanted = [(each.begins, each.ends) for each in busy(octets, frozenset(), today, until, zone)]
    if not wanted:
        return "ACCEPTED", ""
    last = today + user.days * _DAY
    if user.days and any(begins > last for begins, _ in wanted):
        return "DECLINED", refusals.too_far(language, user.days)
    if len(wanted) >= MOST:
        return "DECLINED", refusals.too_often(language)
    clash = _clash(wanted, _taken(tx, user, kept.uid, wanted))
    if clash is None:
        return "ACCEPTED", ""
    return "DECLINED", refusals.taken(language, datetime.fromtimestamp(clash, zone))


def _zone(tx: Transaction, kept: Thing) -> tzinfo:
    """Of the room's calendar that takes such things in."""
    name = default_calendar(tx, kept.first.name)
    return tx.zone if name is None else zones.zone(tx, tx.collection(name))


def _taken(tx: Transaction, user: User, uid: str, wanted: list[Span]) -> list[Busy]:
    """All that is accepted between the first and the last instance."""
    since, until = min(begins for begins, _ in wanted), max(ends for _, ends in wanted)
    found: list[Busy] = []
    for collection in tx.collections():
        if collection.kind == Kind.CALENDAR:
            told = Range("VEVENT", since, until, zones.zone(tx, collection))
            items = [item for item, _ in rows.in_range(tx, collection, told) if item.uid != uid]
            octets = rows.octets(tx, items)
            found += [each for item in items for each in busy(octets[item.item], user.mine, since, until, told.zone)]
    return [each for each in found if each.kind == "BUSY"]


def _clash(wanted: list[Span], taken: list[Busy]) -> int | None:
    """When the first one begins that overlaps. Both are gone through once, in order."""
    waiting = sorted((each.begins, each.ends) for each in taken)
    latest, at = 0, 0
    for begins, ends in sorted(wanted):
        while at < len(waiting) and waiting[at][0] < ends:
            latest = max(latest, waiting[at][1])
            at += 1
        if latest > begins:
            return begins
    return None
