"""When somebody is busy, from the events of their calendars.  RFC 4791 7.10, RFC 5545 3.6.4"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo

import msgspec

from odcore.errors import Fault
from oddav.calendar.facts import Span, happenings
from oddav.content import Component, components

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KINDS = ("BUSY", "BUSY-UNAVAILABLE", "BUSY-TENTATIVE")
"""The strongest first."""

_FREE = ("DECLINED", "DELEGATED")
_UNSURE = ("TENTATIVE", "NEEDS-ACTION")


class Busy(msgspec.Struct, frozen=True, order=True):
    """A time that is taken. Seconds since 1970, the end excluded."""

    begins: int
    ends: int
    kind: str


def busy(octets: bytes, mine: frozenset[str], since: int, until: int, zone: tzinfo) -> list[Busy]:
    """By one event; nothing by one that cannot be read, or would take too long to."""
    try:
        found = happenings(components(octets), _EPOCH + timedelta(seconds=until), zone)
    except Fault:
        return []
    kinds = {id(each.part): kind(each.part, mine) for each in found}
    told = [(*each.span, kinds[id(each.part)]) for each in found]
    return [
        Busy(max(begins, since), min(ends, until), kind)
        for begins, ends, kind in told
        if kind and begins < until and ends > since and ends > begins
    ]


def kind(part: Component, mine: frozenset[str]) -> str:
    """What an event makes of its time for one who has these addresses; "" for free."""
    status = part.text("STATUS").upper()
    if part.text("TRANSP").upper() == "TRANSPARENT" or status == "CANCELLED" or part.name != "VEVENT":
        return ""
    lines = (line for line in part.all("ATTENDEE") if line.value.strip().lower().removeprefix("mailto:") in mine)
    said = next((line.params.get("PARTSTAT", "NEEDS-ACTION").upper() for line in lines), "ACCEPTED")
    if said in _FREE:
        return ""
    return "BUSY-TENTATIVE" if status == "TENTATIVE" or said in _UNSURE else "BUSY"


def merged(times: Iterable[Busy]) -> list[Busy]:
    """Without overlaps of one kind, in order; where kinds overlap each is told."""
    found: list[Busy] = []
    last: dict[str, int] = {}
    for each in sorted(times):
        at = last.get(each.kind)
        if at is not None and each.begins <= found[at].ends:
            found[at] = msgspec.structs.replace(found[at], ends=max(found[at].ends, each.ends))
        else:
            last[each.kind] = len(found)
            found.append(each)
    return found


def lines(times: Iterable[Busy]) -> list[str]:
    """FREEBUSY properties."""
    return [f"FREEBUSY;FBTYPE={each.kind}:{stamp(each.begins)}/{stamp(each.ends)}" for each in merged(times)]


def stamp(instant: int) -> str:
    """In UTC."""
    return f"{_EPOCH + timedelta(seconds=instant):%Y%m%dT%H%M%SZ}"


def uncovered(span: Span, covers: Iterable[Span]) -> list[Span]:
    """What of a span no other covers."""
    left: list[Span] = []
    begins, ends = span
    for start, end in sorted(covers):
        if start > begins:
            left.append((begins, min(start, ends)))
        begins = max(begins, end)
        if begins >= ends:
            break
    if begins < ends:
        left.append((begins, ends))
    return [each for each in left if each[0] < each[1]]
