"""What could not be delivered, in the sender's own copy: SCHEDULE-STATUS.  RFC 6638 3.6.1"""

from collections.abc import Collection

from odcore import clock
from oddav.calendar import facts as calendar
from oddav.content import Line
from oddav.itip.thing import attendees, plain, read, replace
from oddav.store.model import Kind, Put
from oddav.store.ops import put
from oddav.store.ops import read as rows
from oddav.store.transaction import Transaction


def failed(tx: Transaction, uid: str, recipients: Collection[str], status: str) -> None:
    """What was sent of it did not get to these. Where there still is a copy."""
    names = {one.collection: one.name for one in tx.collections() if one.kind == Kind.CALENDAR}
    for key, item in rows.by_uid(tx, uid):
        thing = read(rows.octets(tx, [item])[item.item]) if key in names and item.schedule_tag else None
        if thing is None:
            continue
        for part in thing.parts.values():
            lines: list[Line] = [line for who, line in attendees(part).items() if who in recipients]
            lines += [line for line in part.all("ORGANIZER") if plain(line.value) in recipients]
            for line in lines:
                replace(part, line, line.having(SCHEDULE_STATUS=status))
        octets = thing.octets()
        facts = calendar.facts(octets, calendar.horizon(clock.now()))
        put.put(tx, Put(names[key], item.href, octets, facts, schedule_tag=item.schedule_tag))
