"""Whose invitations count, and which part of a mail is one.  RFC 6047 2, 3"""

import email
import email.policy
from pathlib import Path

import pytest

from odcore.blob.incoming import Memory
from odcore.directory.model import AccountKind, AccountRef
from odcore.errors import Fault, Kind
from odcore.imip import Letter
from odmail.delivery import local
from odmail.delivery.calendars import Invitations, is_proven
from odmail.delivery.imip import composed
from odmail.delivery.local import Drop
from odmail.delivery.marks import Marks
from odmail.delivery.secret import Secret
from odmail.queue.model import Origin
from odmail.queue.verdict import Finding, Verdict
from odtest.imip_mail import FORMS, mail, reply

ANNA = AccountRef("11111111-1111-1111-1111-111111111111", AccountKind.PERSON, "anna@x.example", "Anna")
MARKS = Marks("mail.x.example", Secret(Path(__file__)))
PASSED = Verdict((Finding("dmarc", "pass"),))


class Calendars:
    def __init__(self, fault=None):
        self.told = []
        self._fault = fault

    def arrived(self, message):
        if self._fault:
            raise self._fault
        self.told.append(message)


def note(octets, verdict=PASSED, service="mx", fault=None):
    calendars = Calendars(fault)
    letter = local.Letter("q", Memory(octets), 0, verdict)
    Invitations(calendars, MARKS).note(Drop(letter, ANNA, ANNA.address), Origin(service))
    return calendars.told


@pytest.mark.parametrize(
    ("domain", "findings", "proven"),
    [
        ("a.example", [Finding("dmarc", "pass")], True),
        ("a.example", [Finding("dmarc", "fail"), Finding("dkim", "pass", facts=(("header.d", "a.example"),))], False),
        ("a.example", [Finding("dmarc", "none")], False),
        ("a.example", [Finding("dmarc", "none"), Finding("dkim", "pass", facts=(("header.d", "a.example"),))], True),
        ("a.example", [Finding("dmarc", "none"), Finding("dkim", "pass", facts=(("header.d", "b.example"),))], False),
        (
            "a.example",
            [Finding("dmarc", "none"), Finding("spf", "pass", facts=(("smtp.mailfrom", "x@a.example"),))],
            True,
        ),
        ("a.example", [Finding("dmarc", "none"), Finding("spf", "pass", facts=(("smtp.helo", "a.example"),))], False),
        (
            "a.example",
            [Finding("dmarc", "none"), Finding("spf", "fail", facts=(("smtp.mailfrom", "x@a.example"),))],
            False,
        ),
        ("a.example", [Finding("dmarc", "temperror")], False),
        ("a.example", [], False),
    ],
)
def test_an_authors_domain_speaks_for_its_mail(domain, findings, proven):
    assert is_proven(domain, Verdict(tuple(findings)), Origin("mx")) is proven


def test_our_own_people_are_who_they_say_when_they_signed_in():
    assert is_proven("x.example", None, Origin("submission"))
    assert not is_proven("x.example", None, Origin("lmtp"))


@pytest.mark.parametrize("form", FORMS)
def test_each_programs_mail_holds_the_same_calendar(form):
    text = reply("u", "anna@x.example", "guest@a.example", "ACCEPTED")
    [told] = note(mail(form, "Guest@a.example", "anna@x.example", "REPLY", text, "m@a"))
    assert (told.calendar.decode(), told.author, told.account) == (text, "guest@a.example", ANNA.id)


def test_what_is_junk_or_unproven_or_no_invitation_is_left_to_the_reader():
    octets = mail("google", "guest@a.example", "anna@x.example", "REPLY", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "m@a")
    assert note(octets, Verdict((Finding("dmarc", "pass"),), junk=True)) == []
    assert note(octets, Verdict((Finding("dmarc", "fail"),))) == []
    assert note(b"From: guest@a.example\r\n\r\nHello.\r\n") == []
    assert note(octets.replace(b"From: Guest <", b"From: <b@b.example>, <")) == []
    inner = b"From: guest@a.example\r\nContent-Type: message/rfc822\r\n\r\n" + octets
    assert note(inner) == []


@pytest.mark.parametrize("fault", [Fault(Kind.LIMIT, "The disk is full."), RuntimeError("a bug")])
def test_calendars_that_fail_never_keep_mail_from_being_delivered(fault):
    text = reply("u", "anna@x.example", "guest@a.example", "ACCEPTED")
    assert note(mail("apple", "guest@a.example", "anna@x.example", "REPLY", text, "m@a"), fault=fault) == []


def letter(**more):
    given = {
        "id": "i",
        "uid": "u",
        "method": "REQUEST",
        "sender": "a@x.example",
        "name": "Anna",
        "to": "g@y.example",
        "language": "or",
    }
    return Letter(**(given | {"calendar": b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "subject": "ସଭା"} | more))


def test_people_read_their_senders_language_and_english_and_the_same_message_is_the_same_mail():
    made = email.message_from_bytes(
        composed(letter(), MARKS.message_id("i", "g@y.example")), policy=email.policy.default
    )
    assert made["Subject"] == "ନିମନ୍ତ୍ରଣ: ସଭା"
    text = made.get_body(("plain",)).get_content()
    assert "Anna ଆପଣଙ୍କୁ ନିମନ୍ତ୍ରଣ କରୁଛନ୍ତି।" in text
    assert "Anna invites you." in text
    assert made["Message-ID"] == MARKS.message_id("i", "G@y.example") != MARKS.message_id("i", "h@y.example")


@pytest.mark.parametrize(
    ("more", "subject"),
    [
        ({"changed": True}, "Changed: x"),
        ({"method": "CANCEL"}, "Cancelled: x"),
        ({"method": "REPLY", "said": "DECLINED"}, "Declined: x"),
        ({"method": "REPLY", "said": "X-ODD"}, "Answer: x"),
    ],
)
def test_a_subject_says_what_happened(more, subject):
    made = email.message_from_bytes(composed(letter(language="en", **({"subject": "x\r\nBcc: y"} | more)), "<m@h>"))
    assert made["Subject"].startswith(subject)
    assert made["Bcc"] is None
