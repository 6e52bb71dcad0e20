"""Whatever a message of a stranger or an event of a program holds, it is taken, passed over or refused.  A52, A54"""

from datetime import UTC

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odcore.errors import Fault
from oddav.calendar.busy import busy
from oddav.itip import attendee, organizer
from oddav.itip.model import Arrival, Ignored, Saved, Unmet
from oddav.itip.receive import receive
from oddav.itip.thing import read
from oddav.scheduling.freebusy import asked
from oddav.scheduling.leaving import letter
from oddav.scheduling.tag import role
from oddav.scheduling.users import User
from oddav.store.ops.outgoing import Outgoing
from odtest.calendars import event

NOW = "20260102T000000Z"
ODD = (
    *(
        "",
        "99999999T999999Z",
        "00010101T000000Z",
        "99991231T235959Z",
        "20260105",
        "-1",
        "9" * 30,
        "mailto:",
        "x:y",
        "\\",
    ),
    *("FREQ=SECONDLY", "FREQ=DAILY;COUNT=0", "FREQ=WEEKLY;UNTIL=00010101T000000Z", "P9999999D", "-PT1H", "a@x,b@x"),
    *("20260112T043000Z,20260119T043000Z", "20260112T043000Z/PT1H", "TZID=Nowhere/Never", "\u0b13", "mailto:bibhuti@x"),
)
NAMES = (
    *("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "SEQUENCE", "DTSTAMP", "UID"),
    *("ORGANIZER", "ATTENDEE", "STATUS", "METHOD", "SUMMARY", "ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO=x"),
    *("DTSTART;VALUE=DATE", "DTSTART;TZID=Nowhere", "EXDATE;VALUE=DATE", 'ATTENDEE;DELEGATED-FROM="mailto:bibhuti@x"'),
)
METHODS = ("REQUEST", "REPLY", "CANCEL", "COUNTER", "DECLINECOUNTER", "ADD", "REFRESH", "PUBLISH")
WEEKLY = "RRULE:FREQ=WEEKLY;COUNT=5\r\n"
PART = event(more="RECURRENCE-ID;TZID=Asia/Kolkata:20260112T100000\r\n").partition("PRODID:-//test//EN\r\n")[2]
BASES = (event(), event(more=WEEKLY), event(more=WEEKLY, parts=PART.rpartition("END:VCALENDAR")[0]))


@st.composite
def odd(draw):
    """An event of which some lines are gone, doubled or other ones."""
    lines = draw(st.sampled_from(BASES)).split("\r\n")[:-1]
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(1, len(lines) - 1))
        change = draw(st.sampled_from(("drop", "double", "add", "value")))
        if change == "drop":
            del lines[at]
        elif change == "double":
            lines.insert(at, lines[at])
        elif change == "add":
            lines.insert(at, f"{draw(st.sampled_from(NAMES))}:{draw(st.sampled_from(ODD))}")
        elif ":" in lines[at] and not lines[at].startswith(("BEGIN", "END")):
            lines[at] = f"{lines[at].partition(':')[0]}:{draw(st.sampled_from(ODD))}"
        if len(lines) < 3:
            break
    return "\r\n".join([*lines, ""])


def octets(text, method=""):
    head = f"VERSION:2.0\r\nMETHOD:{method}" if method else "VERSION:2.0"
    return text.replace("VERSION:2.0", head, 1).encode()


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(odd(), odd(), st.sampled_from(METHODS), st.sampled_from(("anna@x", "bibhuti@x", "other@y")), st.booleans())
def test_a_message_is_taken_or_passed_over(kept, told, method, sender, there):
    arrival = Arrival(octets(told, method), sender, frozenset({"bibhuti@x" if sender == "anna@x" else "anna@x"}), NOW)
    try:
        received = receive(octets(kept) if there else None, arrival)
    except (Ignored, Fault):
        return
    for message in received.messages:
        assert message.octets.startswith(b"BEGIN:VCALENDAR\r\n")


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.none(), odd()), odd(), st.sampled_from(("anna@x", "bibhuti@x")))
def test_a_writing_is_taken_or_refused(old, new, me):
    mine = frozenset({me})
    user = User("11111111-1111-1111-1111-111111111111", "Anna", (me,))
    try:
        texts = [None if text is None or not role(read(octets(text)), mine) else octets(text) for text in (old, new)]
        roles = {role(read(text), mine) for text in texts if text is not None}
        if not roles:
            return
        engine = organizer if "organizer" in roles else attendee
        for message in engine.change(Saved(*texts, mine, NOW)).messages:
            letter(user, Outgoing(1, "i", message.method, message.sender, message.to[0], 0, 0), message.octets)
    except (Unmet, Fault, Ignored):
        return


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(odd())
def test_a_question_and_a_busy_time_are_answered_or_refused(text):
    busy(octets(text), frozenset({"bibhuti@x"}), 1767571200, 1767657600, UTC)
    try:
        asked(octets(text.replace("VEVENT", "VFREEBUSY"), "REQUEST"))
    except (Unmet, Fault):
        return
