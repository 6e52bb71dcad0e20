"""What somebody who is invited may change, and what it says to the one who invites.  RFC 6638 3.2.2"""

from oddav.content import Component, Line
from oddav.itip.compare import times
from oddav.itip.message import brief, happens, instance, write
from oddav.itip.model import Change, Message, Saved, Unmet
from oddav.itip.thing import Key, Thing, attendees, find, plain, read, replace, standing

_WAITING = "NEEDS-ACTION"


def change(saved: Saved) -> Change:
    """Unmet for what an attendee may not do. Fault BAD_REQUEST."""
    old, new = (None if octets is None else read(octets) for octets in (saved.old, saved.new))
    if old is not None and new is not None:
        _check(old, new, saved.mine)
    before = b"" if new is None else new.octets()
    answers = [] if saved.silent else _answers(old, new, saved)
    about = new or old
    assert about is not None
    messages = _messages(about, answers, saved)
    if new is None:
        return Change(None, messages)
    _note(old, new, saved, sent=bool(messages))
    after = new.octets()
    return Change(None if after == before else after, messages)


def _check(old: Thing, new: Thing, mine: frozenset[str]) -> None:
    """When it is and who is invited is the organizer's to say."""
    if old.organizer != new.organizer:
        raise _not_allowed()
    parts = old.parts
    for key, part in new.parts.items():
        before = parts.get(key)
        if before is None:
            if key is None or not happens(old, key):
                raise _not_allowed()
            before = instance(old, key)
        if times(old, before) != times(new, part):
            raise _not_allowed()
        now, then = attendees(part), attendees(before).keys()
        theirs = {who for who, line in now.items() if who not in mine and not _is_delegate(line, mine)}
        if theirs - then or then - now.keys() - mine:
            raise _not_allowed()
    left_out = new.excluded()
    for key, part in parts.items():
        if key not in new.parts and key not in left_out and find(part, mine) is not None:
            raise _not_allowed()


def _not_allowed() -> Unmet:
    return Unmet("allowed-attendee-scheduling-object-change")


def _is_delegate(line: Line, mine: frozenset[str]) -> bool:
    return any(plain(each.strip(' "')) in mine for each in line.params.get("DELEGATED-FROM", "").split(","))


def _answers(old: Thing | None, new: Thing | None, saved: Saved) -> list[Component]:
    """The parts of a REPLY, none where nothing was said."""
    mine = saved.mine
    if new is None:
        assert old is not None
        left = [(part, find(part, mine)) for part in old.parts.values() if part.text("STATUS").upper() != "CANCELLED"]
        going = [(part, _signed(line, saved)) for part, line in left if line and standing(line) != "DECLINED"]
        return [_answer(part, line, mine, "DECLINED") for part, line in going]
    forced = _is_forced(new)
    found = []
    for key, part in new.parts.items():
        line = find(part, mine)
        if line is not None and (forced or standing(line) != _before(old, key, mine)):
            signed = _signed(line, saved)
            replace(part, line, signed)
            found.append(_answer(part, signed, mine))
    if old is None:
        return found
    for key in new.excluded() - old.excluded():
        known = old.parts.get(key) or (instance(old, key) if happens(old, key) else None)
        line = None if known is None else find(known, mine)
        if known is not None and line is not None and standing(line) != "DECLINED":
            found.append(_answer(known, _signed(line, saved), mine, "DECLINED"))
    return found


def _before(old: Thing | None, key: Key, mine: frozenset[str]) -> str:
    """What was said of a part; of an instance that was none, what is said of the series."""
    part = None if old is None else old.parts.get(key) or old.master
    line = None if part is None else find(part, mine)
    return _WAITING if line is None else standing(line)


def _is_forced(new: Thing) -> bool:
    """SCHEDULE-FORCE-SEND.  RFC 6638 7.2"""
    told = new.first.first("ORGANIZER")
    return told is not None and told.params.get("SCHEDULE-FORCE-SEND", "").upper() == "REPLY"


def _signed(line: Line, saved: Saved) -> Line:
    """By whoever answers for them; by nobody when they do so themselves."""
    named = saved.signed or "SENT-BY" in line.params
    return line.having(SENT_BY=saved.signed or None) if named else line


def _answer(part: Component, line: Line, mine: frozenset[str], said: str = "") -> Component:
    """Whoever it was delegated to is named as well.  RFC 5546 3.2.3"""
    told = line.having(PARTSTAT=said or standing(line), RSVP=None)
    delegates = [each for who, each in attendees(part).items() if who not in mine and _is_delegate(each, mine)]
    made = brief(part, [told, *delegates])
    made.lines += part.all("COMMENT")
    made.put("REQUEST-STATUS:2.0;Success")
    return made


def _messages(about: Thing, answers: list[Component], saved: Saved) -> tuple[Message, ...]:
    told = about.first.first("ORGANIZER")
    agent = "SERVER" if told is None else told.params.get("SCHEDULE-AGENT", "SERVER").upper()
    if not answers or agent != "SERVER":
        return ()
    me = plain(next(each for each in answers[0].all("ATTENDEE") if plain(each.value) in saved.mine).value)
    found = [write("REPLY", me, (about.organizer,), about, answers, saved.now)]
    for each in answers:
        for line in each.all("ATTENDEE"):
            if plain(line.value) not in saved.mine:
                part = about.parts.get(about.key(each)) or each
                found.append(write("REQUEST", me, (plain(line.value),), about, [part], saved.now))
    return tuple(found)


def _note(old: Thing | None, new: Thing, saved: Saved, *, sent: bool) -> None:
    """SCHEDULE-STATUS on ORGANIZER: what became of the reply.  RFC 6638 7.3

    DTSTAMP stays the organizer's, which later messages are compared with, whatever a program's clock says.
    """
    for key, part in new.parts.items():
        before = None if old is None else old.parts.get(key)
        if before is not None and before.text("DTSTAMP") != part.text("DTSTAMP"):
            part.put(f"DTSTAMP:{before.text('DTSTAMP')}")
        told = part.first("ORGANIZER")
        if told is None:
            continue
        status = saved.known.get(new.organizer, "1.1") if sent else told.params.get("SCHEDULE-STATUS")
        noted = told.having(SCHEDULE_FORCE_SEND=None, SCHEDULE_STATUS=status)
        if noted.params != told.params:
            replace(part, told, noted)


def answered(kept: Thing, mine: frozenset[str], said: str, comment: str, now: str) -> Message | None:
    """A reply that nobody wrote: of a room. The object says the same afterwards."""
    answers = []
    for part in kept.parts.values():
        line = find(part, mine)
        if line is not None:
            told = line.having(PARTSTAT=said, RSVP=None)
            replace(part, line, told)
            answers.append(_answer(part, told, mine))
            if comment:
                answers[-1].put(f"COMMENT:{comment}")
    if not answers:
        return None
    me = plain(next(answers[0].all("ATTENDEE")).value)
    return write("REPLY", me, (kept.organizer,), kept, answers, now)
