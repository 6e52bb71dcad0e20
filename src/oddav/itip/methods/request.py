"""REQUEST: an invitation, or a new state of one.  RFC 5546 3.2.2"""

from collections.abc import Callable

from oddav.content import Component
from oddav.itip.compare import is_own
from oddav.itip.model import Arrival, Ignored, Received
from oddav.itip.thing import Thing, find, number, plain, replace, standing


def receive(kept: Thing | None, told: Thing, arrival: Arrival) -> Received:
    """What is one's own in the kept copy stays: alarms, notes, what has been answered meanwhile."""
    _check(kept, told, arrival)
    made = told.bare()
    if kept is None:
        return Received(made.octets())
    for key, part in made.parts.items():
        before = kept.parts.get(key) or (kept.master if key is not None else None)
        if before is not None:
            _keep(before, part, arrival.mine, same=kept.parts.get(key) is not None)
    if made.master is None:
        return Received(_joined(kept, made).octets())
    for key in kept.excluded() & made.parts.keys():  # declined, and out of sight since
        line = find(made.parts[key], arrival.mine)
        if standing(line) == "DECLINED":
            told_key = made.parts[key].first("RECURRENCE-ID")
            made.drop(key)
            if told_key is not None and key is not None:
                made.exclude(key, told_key)
    return Received(made.octets())


def _check(kept: Thing | None, told: Thing, arrival: Arrival) -> None:
    if told.organizer != arrival.sender and not _is_delegating(told, arrival):
        raise Ignored("the sender does not organize it")
    if all(find(part, arrival.mine) is None for part in told.parts.values()):
        raise Ignored("the recipient is not invited")
    if kept is None:
        return
    if kept.organizer != told.organizer:
        raise Ignored("another organizer has this UID")
    for key, part in told.parts.items():
        before = kept.parts.get(key)
        if before is not None and _is_older(part, before):
            raise Ignored("a later state is known")


def _is_delegating(told: Thing, arrival: Arrival) -> bool:
    """An attendee passes the invitation on.  RFC 5546 3.2.2.3"""
    lines = [find(part, arrival.mine) for part in told.parts.values()]
    from_ = {
        plain(each.strip(' "')) for line in lines if line for each in line.params.get("DELEGATED-FROM", "").split(",")
    }
    return arrival.sender in from_


def _is_older(part: Component, before: Component) -> bool:
    """Of what was cancelled only the moment counts: an instance may be invited to anew."""
    stamps = part.text("DTSTAMP"), before.text("DTSTAMP")
    if before.text("STATUS").upper() == "CANCELLED":
        return stamps[0] < stamps[1]
    return (number(part), stamps[0]) < (number(before), stamps[1])


def _keep(before: Component, part: Component, mine: frozenset[str], *, same: bool) -> None:
    """Of the copy that was there."""
    is_kept: Callable[[str], bool] = lambda name: name == "TRANSP"  # noqa: E731
    own = [each for each in before.lines if is_own(each) or is_kept(each.name)]
    if any(each.name == "TRANSP" for each in own):
        part.drop("TRANSP")
    part.lines += own
    part.inner = [each.copy() for each in before.inner if each.name == "VALARM"]
    mine_then, mine_now = find(before, mine), find(part, mine)
    if mine_then is None or mine_now is None or not same or number(part) > number(before):
        return
    if before.text("STATUS").upper() == "CANCELLED":  # invited anew
        return
    if standing(mine_now) == "NEEDS-ACTION" != standing(mine_then):  # the answer is on its way
        replace(part, mine_now, mine_now.having(PARTSTAT=standing(mine_then), RSVP=None))


def _joined(kept: Thing, told: Thing) -> Thing:
    """Instances beside those that are there."""
    made = kept.copy()
    if made.master is not None and made.master.text("STATUS").upper() == "CANCELLED":
        made.parts.clear()
    made.others += [zone for zone in told.others if zone.name == "VTIMEZONE" and zone.text("TZID") not in made.zones]
    made = made.copy()  # the zones count from here
    for key, part in told.parts.items():
        made.put(part)
        if key is not None:
            made.include(key)
    return made
