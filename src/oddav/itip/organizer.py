"""What a change by the one who invites says to the invited, and what the server adds to it.  RFC 6638 3.2.1

Each of the invited has a sight of the object: the parts they are in. Who sees more than before, or the same otherwise,
gets a REQUEST with all they see; who sees less, a CANCEL of what is gone.
"""

from collections.abc import Iterable

from oddav.content import Component, Line
from oddav.itip.compare import times, told
from oddav.itip.message import NOTHING, Sight, brief, instance, seen, sights, write
from oddav.itip.model import Change, Message, Saved, Unmet
from oddav.itip.thing import Key, Thing, attendees, newest, number, plain, read, revise, standing

_NOT_OURS = ("CLIENT", "NONE")


def change(saved: Saved) -> Change:
    """Unmet for what an organizer may not do. Fault BAD_REQUEST."""
    old, new = (None if octets is None else read(octets) for octets in (saved.old, saved.new))
    if old is not None and new is not None and plain(old.first.text("ORGANIZER")) != new.organizer:
        raise Unmet("allowed-organizer-scheduling-object-change")
    before = b"" if new is None else new.octets()
    forced = _forced(new)
    if new is not None:
        _number(old, new, saved)
    messages = tuple(_messages(old, new, saved, forced))
    if new is None:
        return Change(None, messages)
    _note(old, new, saved, {who for each in messages for who in each.to})
    after = new.octets()
    return Change(None if after == before else after, messages)


def _forced(new: Thing | None) -> set[str]:
    """SCHEDULE-FORCE-SEND, which is done once and not kept.  RFC 6638 7.2"""
    found: set[str] = set()
    for part in () if new is None else new.parts.values():
        forced = {who: each for who, each in attendees(part).items() if "SCHEDULE-FORCE-SEND" in each.params}
        found |= {who for who, each in forced.items() if each.params["SCHEDULE-FORCE-SEND"].upper() == "REQUEST"}
        if forced:
            revise(part, lambda _, each: each.having(SCHEDULE_FORCE_SEND=None))
    return found


def _number(old: Thing | None, new: Thing, saved: Saved) -> None:
    """SEQUENCE goes up with what matters, and whoever said yes to another time is asked again.  RFC 5546 2.1.4"""
    if old is None:
        return
    left_out = old.excluded() != new.excluded()
    for key, part in new.parts.items():
        base = old.parts.get(key) or old.master
        if base is None:
            continue
        same = old.parts.get(key) is not None
        moved = _times(old, key) != times(new, part)
        matters = moved or (same and _status(base) != _status(part)) or (key is None and left_out)
        least = number(base) + (1 if matters else 0)
        if number(part) < least:
            part.put(f"SEQUENCE:{least}")
        _ask_again(base, part, saved, moved)


def _times(old: Thing, key: Key) -> tuple[object, ...] | None:
    """Of a part as it was, or of that instance of the series; None for a series that said no time."""
    part = old.parts.get(key)
    if part is None and key is not None and old.master and old.master.first("DTSTART"):
        part = instance(old, key)
    return None if part is None else times(old, part)


def _ask_again(base: Component, part: Component, saved: Saved, moved: bool) -> None:
    before = attendees(base)

    def asked(who: str, line: Line) -> Line:
        if who in saved.mine or who not in before:
            return line
        said, known = standing(line), standing(before[who])
        if moved and said not in ("NEEDS-ACTION", "DELEGATED") and said == known:
            return line.having(PARTSTAT="NEEDS-ACTION", RSVP="TRUE")
        if saved.merged and not moved and said != known:
            return line.having(PARTSTAT=known, X_REPLIED=before[who].params.get("X-REPLIED"))
        return line

    revise(part, asked)


def _status(part: Component) -> str:
    return part.text("STATUS").upper()


def _messages(old: Thing | None, new: Thing | None, saved: Saved, forced: set[str]) -> Iterable[Message]:
    before, after = sights(old), sights(new)
    views = ({} if old is None else told(old), {} if new is None else told(new))
    requests: dict[Sight, list[str]] = {}
    cancels: dict[tuple[frozenset[Key], frozenset[Key]], list[str]] = {}
    lines = ({} if old is None else old.invited()) | ({} if new is None else new.invited())
    for who, line in lines.items():
        if who in saved.mine or line.params.get("SCHEDULE-AGENT", "SERVER").upper() in _NOT_OURS:
            continue
        was, is_ = before.get(who, NOTHING), after.get(who, NOTHING)
        gone = _gone(was, is_)
        if _is_cancelled(new, is_) and not _is_cancelled(old, was):
            cancels.setdefault((is_.keys, frozenset()), []).append(who)
        elif is_.keys and (who in forced or _differs(was, is_, gone, *views)):
            requests.setdefault(is_, []).append(who)
            gone = gone if None not in is_.keys else frozenset()  # the series tells what it leaves out
        if gone and not (old is not None and _is_cancelled(old, Sight(gone))):
            cancels.setdefault((was.keys, gone), []).append(who)
    for (keys, gone), to in cancels.items():
        yield _cancel(old, new, keys, gone, tuple(to), saved)
    for sight, to in requests.items():
        assert new is not None
        sent = seen(new, sight)
        yield write("REQUEST", new.organizer, tuple(to), sent, sent.parts.values(), saved.now)


def _gone(was: Sight, is_: Sight) -> frozenset[Key]:
    """Instances that were there and are not, or the whole series."""
    if None in was.keys and None not in is_.keys:
        return was.keys if not is_.keys else frozenset({None})
    gone: set[Key] = set(is_.excluded - was.excluded) if None in was.keys else set()
    if None not in is_.keys:
        gone |= was.keys - is_.keys
    return frozenset(gone)


def _differs(
    was: Sight, is_: Sight, gone: frozenset[Key], old: dict[Key, tuple[str, ...]], new: dict[Key, tuple[str, ...]]
) -> bool:
    """Anything but instances that are gone."""
    if None in gone or was.excluded - is_.excluded or is_.keys - was.keys or was.keys - is_.keys - gone - is_.excluded:
        return True
    return any(old[key] != new[key] for key in was.keys & is_.keys)


def _is_cancelled(thing: Thing | None, sight: Sight) -> bool:
    parts = {} if thing is None else thing.parts
    found = [parts[key] for key in sight.keys if key in parts]
    return bool(found) and all(_status(each) == "CANCELLED" for each in found)


def _cancel(
    old: Thing | None, new: Thing | None, keys: frozenset[Key], gone: frozenset[Key], to: tuple[str, ...], saved: Saved
) -> Message:
    """Of the whole, or of some instances.  RFC 5546 3.2.5"""
    source = old or new
    assert source is not None
    if not gone:  # cancelled, and still there
        assert new is not None
        parts = [new.parts[key] for key in ([None] if None in keys else keys)]
    else:
        parts = [source.parts[key] if key in source.parts else instance(source, key) for key in gone if key is not None]
        parts = [source.parts[None]] if None in gone else parts
    highest = newest(source.parts)
    now = highest + 1 if new is None else max(highest, newest(new.parts))
    made = []
    for part in parts:
        lines = [each for who, each in attendees(part).items() if who in to] or _named(source, to)
        cancelled = brief(part, lines)
        cancelled.put(f"SEQUENCE:{now}")
        cancelled.put("STATUS:CANCELLED")
        made.append(cancelled)
    return write("CANCEL", source.organizer, to, source, made, saved.now)


def _named(source: Thing, to: tuple[str, ...]) -> list[Line]:
    there = source.invited()
    return [there[who] for who in to if who in there]


def _note(old: Thing | None, new: Thing, saved: Saved, sent: set[str]) -> None:
    """SCHEDULE-STATUS of whoever was sent something, and of others as it was.  RFC 6638 7.3"""
    before = {} if old is None else old.invited()

    def noted(who: str, line: Line) -> Line:
        known = before[who].params.get("SCHEDULE-STATUS") if who in before else None
        status = saved.known.get(who, "1.1") if who in sent else known
        if who in saved.mine or line.params.get("SCHEDULE-AGENT", "SERVER").upper() in _NOT_OURS:
            status = None
        return line if line.params.get("SCHEDULE-STATUS") == status else line.having(SCHEDULE_STATUS=status)

    for part in new.parts.values():
        revise(part, noted)
