"""Whatever an organizer and the invited do, in the end everybody's copies say the same.  RFC 5546 3.2"""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oddav.itip import attendee, organizer
from oddav.itip.message import happens
from oddav.itip.model import Arrival, Ignored, Saved
from oddav.itip.receive import receive
from oddav.itip.thing import attendees, plain, read, standing

ANNA, GUESTS = "anna@x", ("b@x", "c@x", "d@x")
DAYS = ("20260105", "20260112", "20260119", "20260126")
SAID = ("ACCEPTED", "DECLINED", "TENTATIVE")


class Office:
    """Copies by whose they are, and what is on its way to each, in order."""

    def __init__(self):
        self.copies = {}
        self.second = 0

    def now(self):
        self.second += 1
        return f"20260101T{self.second // 3600:02}{self.second // 60 % 60:02}{self.second % 60:02}Z"

    def save(self, who, octets, change):
        """A writing, and everything that follows from it."""
        saved = Saved(self.copies.get(who), octets, frozenset({who}), self.now())
        done = change(saved)
        self.copies[who] = None if octets is None else done.octets or octets
        for message in done.messages:
            for to in message.to:
                arrival = Arrival(message.octets, message.sender, frozenset({to}), self.now())
                try:
                    received = receive(self.copies.get(to), arrival)
                except Ignored:
                    continue
                if received.octets is not None:
                    self.copies[to] = received.octets


def part(invited, day="20260105", hour=10, recurrence="", more=""):
    lines = "".join(f"ATTENDEE;PARTSTAT={said}:mailto:{who}\r\n" for who, said in sorted(invited.items()))
    known = f"RECURRENCE-ID:{recurrence}T100000Z\r\n" if recurrence else ""
    return (
        f"BEGIN:VEVENT\r\nUID:u\r\nDTSTAMP:20260101T000000Z\r\n{known}DTSTART:{day}T{hour:02}0000Z\r\nDURATION:PT1H\r\n"
        f"ORGANIZER:mailto:{ANNA}\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:{ANNA}\r\n{lines}{more}END:VEVENT\r\n"
    )


shapes = st.fixed_dictionaries(
    {
        "guests": st.sets(st.sampled_from(GUESTS)),
        "hour": st.integers(10, 12),
        "gone": st.sets(st.sampled_from(DAYS[1:]), max_size=2),
        "odd": st.dictionaries(
            st.sampled_from(DAYS[1:]), st.tuples(st.sets(st.sampled_from(GUESTS)), st.integers(10, 15)), max_size=2
        ),
    }
)


def written(shape, before):
    """The organizer's object in a shape; whoever has answered a part keeps the answer, as programs do."""
    thing = None if before is None else read(before)

    def said(who, instant):
        there = None if thing is None else thing.parts.get(instant)
        line = None if there is None else attendees(there).get(who)
        return standing(line) if line is not None else "NEEDS-ACTION"

    gone = "".join(f"EXDATE:{day}T100000Z\r\n" for day in sorted(shape["gone"] - set(shape["odd"])))
    more = f"RRULE:FREQ=WEEKLY;COUNT=4\r\n{gone}"
    # Another hour of the series is another series: its exceptions are known by other instants.
    hour = 10
    text = part({who: said(who, None) for who in shape["guests"]}, hour=hour, more=f"{more}SUMMARY:{shape['hour']}\r\n")
    for day, (guests, odd) in sorted(shape["odd"].items()):
        text += part({who: said(who, instant(day)) for who in guests}, day, odd, recurrence=day)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{text}END:VCALENDAR\r\n".encode()


def instant(day):
    return read(f"BEGIN:VCALENDAR\r\n{part({}, recurrence=day)}END:VCALENDAR\r\n".encode()).key(
        read(f"BEGIN:VCALENDAR\r\n{part({}, recurrence=day)}END:VCALENDAR\r\n".encode()).first
    )


INSTANTS = {day: instant(day) for day in DAYS}


def picture(octets, who):
    """Instance by instance: when it is and what `who` said of it; what is cancelled or not theirs is not there."""
    thing = None if octets is None else read(octets)
    if thing is None:
        return {}
    found = {}
    for key in INSTANTS.values():
        if key in thing.excluded():
            continue
        own = thing.parts.get(key) or (thing.master if thing.master is not None and happens(thing, key) else None)
        line = None if own is None else attendees(own).get(who)
        if line is not None and own.text("STATUS") != "CANCELLED":
            start = own.text("DTSTART") if own.first("RECURRENCE-ID") else key
            found[key] = (start, standing(line), own.text("SUMMARY"))
    return found


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_copies_converge(data):
    """After each step, for a guest's own instances: both copies agree, apart from those the guest put out of sight."""
    office = Office()
    for _ in range(data.draw(st.integers(1, 5))):
        before = office.copies.get(ANNA)
        office.save(ANNA, written(data.draw(shapes), before), organizer.change)
        for who in GUESTS:
            assert picture(office.copies.get(who), who) == picture(office.copies[ANNA], who), who
        able = [who for who in GUESTS if picture(office.copies.get(who), who)]
        if able:
            who = data.draw(st.sampled_from(able))
            thing = read(office.copies[who])
            key = data.draw(st.sampled_from(sorted(thing.parts, key=str)))
            answered = thing.parts[key]
            if answered.text("STATUS") == "CANCELLED":
                continue
            line = next(each for each in answered.all("ATTENDEE") if plain(each.value) == who)
            answered.lines[answered.lines.index(line)] = line.having(PARTSTAT=data.draw(st.sampled_from(SAID)))
            office.save(who, thing.octets(), attendee.change)
            assert picture(office.copies[who], who) == picture(office.copies[ANNA], who)
    office.save(ANNA, None, organizer.change)
    assert all(not picture(octets, who) for who, octets in office.copies.items())
