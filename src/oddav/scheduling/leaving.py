"""What leaves the suite: an iTIP message with what people want to read of it.  RFC 6047"""

from datetime import UTC, date, datetime, timedelta

from odcore.imip import Letter, Mail
from oddav.calendar.facts import length
from oddav.calendar.times import moment
from oddav.calendar.written import with_zones
from oddav.content import Component, unescaped
from oddav.itip.receive import message
from oddav.itip.thing import Thing, find, number, standing
from oddav.scheduling.users import User
from oddav.store.ops.outgoing import Outgoing

_LONGEST_TEXT = 10_000


class Leaving:
    """The carrier's way out."""

    def __init__(self, mail: Mail) -> None:
        self._mail = mail

    def send(self, user: User, each: Outgoing, octets: bytes) -> None:
        """As mail. Faults of the queue."""
        self._mail.send(letter(user, each, octets))


def letter(user: User, each: Outgoing, octets: bytes) -> Letter:
    """Readable in the sender's language."""
    thing = message(octets)
    part = thing.master or thing.first
    return Letter(
        id=each.id,
        uid=thing.uid,
        method=each.method,
        sender=each.sender,
        name=user.name,
        to=each.recipient,
        language=user.language,
        calendar=with_zones(octets),
        subject=unescaped(part.text("SUMMARY")),
        when=when(thing, part),
        where=unescaped(part.text("LOCATION")),
        repeats=part.first("RRULE") is not None,
        changed=number(part) > 0,
        said=standing(find(part, user.mine)) if each.method == "REPLY" else "",
        comment=unescaped(part.text("COMMENT"))[:_LONGEST_TEXT],
        text=unescaped(part.text("DESCRIPTION"))[:_LONGEST_TEXT],
    )


def when(thing: Thing, part: Component) -> str:
    """05-01-2026, 10:00 - 11:00 (Asia/Kolkata): the same in all languages."""
    start = part.first("DTSTART")
    if start is None:
        return ""
    begins = moment(start, thing.zones)
    try:
        ends = _after(begins, length(part, begins, thing.zones))
    except OverflowError:  # it never ends
        ends = begins
    if not isinstance(begins, datetime):
        last = ends - timedelta(days=1)
        return f"{begins:%d-%m-%Y}" if last <= begins else f"{begins:%d-%m-%Y} - {last:%d-%m-%Y}"
    zone = start.params.get("TZID", "") or ("UTC" if start.value.strip().endswith("Z") else "")
    until = f"{ends:%H:%M}" if ends.strftime("%Y%m%d") == begins.strftime("%Y%m%d") else f"{ends:%d-%m-%Y, %H:%M}"
    return f"{begins:%d-%m-%Y, %H:%M} - {until}" + (f" ({zone})" if zone else "")


def _after(begins: date, lasts: int) -> date:
    if not isinstance(begins, datetime):
        return begins + timedelta(seconds=lasts)
    return (begins.astimezone(UTC) + timedelta(seconds=lasts)).astimezone(begins.tzinfo)
