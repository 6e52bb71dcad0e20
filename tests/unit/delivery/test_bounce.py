"""Reports: what the standard library's parser reads in them is what happened (RFC 3461, RFC 3464)."""

import email
import email.policy
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from odcore import clock
from odcore.blob.incoming import Memory
from odcore.config.types import Duration
from odcore.errors import Fault
from odcore.imip import Letter
from odmail.delivery import local
from odmail.delivery.calendars import Invitations
from odmail.delivery.imip import Imip
from odmail.delivery.languages import words_for
from odmail.delivery.local import Drop
from odmail.delivery.marks import Marks
from odmail.delivery.outcomes import delivered
from odmail.delivery.ports import Outcome
from odmail.delivery.secret import Secret
from odmail.queue.model import Envelope, Origin, Recipient, Status
from odmail.queue.settings import QueueSettings
from odtest.postroom import BIBHU, COLLECTOR, HOST, PostRoom, principal

LETTER = b"Return-Path: <b@o>\r\nReceived: x\r\nFrom: b@o\r\nSubject: hello\r\n\r\n" + b"body\r\n" * 5000


@pytest.fixture
def room(tmp_path: Path):
    made = PostRoom(tmp_path, queue=QueueSettings(lifetime=Duration(3600), delay_notice=Duration(600)))
    made.names.hosts["peer.example"] = ("192.0.2.9",)
    yield made
    made.close()


def reports(room: PostRoom) -> list[email.message.EmailMessage]:
    return [email.message_from_bytes(each, policy=email.policy.SMTP) for each in room.messages(BIBHU)]


def answer(status: Status, code: int, enhanced: str, text: str, dsn: bool = False):
    return lambda address: Outcome(status, code, enhanced, text, "mx.peer.example [192.0.2.9]", dsn=dsn)


def go(room: PostRoom, *recipients: Recipient, sender: str = BIBHU.address, **more) -> str:
    name = room.accept(LETTER, *recipients, sender=sender, **more)
    room.work()
    return name


def test_a_failure_says_who_why_and_where_and_returns_the_header(room):
    room.peers.answer = answer(Status.FAILED, 550, "5.7.1", "we do not like you")
    go(room, Recipient("x@peer.example", orcpt="rfc822;old@x"), Recipient("y@peer.example"), envid="id+1")
    (report,) = reports(room)
    assert report["Return-Path"] == "<>"
    assert report["Auto-Submitted"] == "auto-replied"
    assert report["From"] == "Mail Delivery System <mailer-daemon@odisha.example>"
    assert report.get_content_type() == "multipart/report"
    assert report.get_param("report-type") == "delivery-status"
    text, status, original = report.iter_parts()
    assert "x@peer.example" in text.get_content()
    about, first, second = status.get_payload()
    assert (about["Reporting-MTA"], about["Original-Envelope-Id"]) == (f"dns; {HOST}", "id+1")
    assert (first["Original-Recipient"], first["Final-Recipient"]) == ("rfc822;old@x", "rfc822; x@peer.example")
    assert (first["Action"], first["Status"]) == ("failed", "5.7.1")
    assert first["Remote-MTA"] == "dns; mx.peer.example"
    assert first["Diagnostic-Code"] == "smtp; 550 5.7.1 we do not like you"
    assert second["Final-Recipient"] == "rfc822; y@peer.example"
    assert original.get_content_type() == "text/rfc822-headers"
    assert b"body" not in report.as_bytes()
    assert b"Return-Path: <b@o>" not in report.as_bytes()


def test_all_of_it_comes_back_when_asked_for(room):
    room.peers.answer = answer(Status.FAILED, 550, "5.0.0", "no")
    go(room, Recipient("x@peer.example"), ret="FULL")
    *_, original = reports(room)[0].iter_parts()
    assert original.get_content_type() == "message/rfc822"
    assert LETTER.split(b"\r\n", 1)[1] in room.messages(BIBHU)[0]


@pytest.mark.parametrize(
    ("notify", "told"), [((), 1), (("FAILURE",), 1), (("NEVER",), 0), (("SUCCESS",), 0), (("SUCCESS", "FAILURE"), 1)]
)
def test_failures_are_told_unless_the_sender_did_not_want_to_know(room, notify, told):
    room.peers.answer = answer(Status.FAILED, 550, "5.0.0", "no")
    go(room, Recipient("x@peer.example", notify))
    assert len(reports(room)) == told


def test_success_is_told_when_asked_for_and_not_when_the_peer_will(room):
    go(room, Recipient(BIBHU.address, ("SUCCESS",)), sender=BIBHU.address)
    delivered = [each for each in reports(room) if each.get_content_type() == "multipart/report"]
    assert delivered[0].get_payload(1).get_payload(1)["Action"] == "delivered"
    room.peers.answer = answer(Status.DELIVERED, 250, "2.0.0", "ok", dsn=True)
    before = len(reports(room))
    go(room, Recipient("x@peer.example", ("SUCCESS",)))
    assert len(reports(room)) == before
    room.peers.answer = answer(Status.DELIVERED, 250, "2.0.0", "ok")
    go(room, Recipient("x@peer.example", ("SUCCESS",)))
    assert reports(room)[-1].get_payload(1).get_payload(1)["Action"] == "relayed"


def test_a_delay_is_told_once_and_giving_up_ends_it(room, monkeypatch):
    room.peers.answer = answer(Status.WAITING, 451, "4.7.1", "later")
    name = go(room, Recipient("x@peer.example"))
    assert reports(room) == []
    start = clock.timestamp()
    for later in (700, 1400):
        monkeypatch.setattr(clock, "timestamp", lambda at=start + later: at)
        room.queue.retry([name])
        room.work()
    (delayed,) = reports(room)
    assert delayed.get_payload(1).get_payload(1)["Action"] == "delayed"
    assert delayed.get_payload(1).get_payload(1)["Will-Retry-Until"]
    monkeypatch.setattr(clock, "timestamp", lambda: start + 3601)
    room.queue.retry([name])
    room.work()
    failed = reports(room)[-1].get_payload(1).get_payload(1)
    assert (failed["Action"], failed["Status"]) == ("failed", "4.7.1")
    assert room.queue.list() == []


def test_what_a_peer_says_cannot_break_a_report(room):
    evil = "no\r\nEvil: 1\r\n\r\n--x\x00\u2028 \x1b[31m" + "y" * 5000
    room.peers.answer = answer(Status.FAILED, 550, "five", evil)
    go(room, Recipient("x@peer.example"))
    (report,) = reports(room)
    octets = room.messages(BIBHU)[0]
    assert b"\r\nEvil" not in octets
    assert b"\x1b" not in octets
    assert b"\0" not in octets
    assert report.get_payload(1).get_payload(1)["Status"] == "5.0.0"
    assert octets.replace(b"\r\n", b"").count(b"\n") == octets.replace(b"\r\n", b"").count(b"\r") == 0


def test_addresses_in_any_script_are_reported(room):
    room.peers.answer = answer(Status.FAILED, 550, "5.0.0", "ନାହିଁ")
    go(room, Recipient("ସସ୍ମିତା@peer.example"), smtputf8=True)
    (report,) = reports(room)
    assert "utf-8; ସସ୍ମିତା@peer.example".encode() in room.messages(BIBHU)[0]
    assert report.is_multipart()


def test_reports_to_the_outside_are_signed_for_our_domain(room):
    """The host's own name has no key; where the directory is away the report goes out all the same."""
    room.keys.generate("odisha.example")
    go(room, Recipient("gone@odisha.example"), sender="a@peer.example")
    ((shipment, octets),) = room.peers.got
    assert shipment.envelope.sender == ""
    assert octets.count(b"DKIM-Signature:") == 2
    assert b" d=odisha.example;" in octets
    room.town.down = True
    assert room.settlement._domain() == HOST


def test_what_is_sent_later_is_late_and_given_up_by_the_time_it_was_to_be_sent(room, monkeypatch):
    start = clock.timestamp()
    room.peers.answer = answer(Status.WAITING, 451, "4.3.0", "not now")
    envelope = Envelope(BIBHU.address, (Recipient("x@peer.example"),), release=start + 86400)
    inbound = room.submission.receive(envelope, Origin("submission"), principal(BIBHU))
    inbound.write(f"From: {BIBHU.address}\r\n\r\nsee you\r\n".encode())
    inbound.finish()
    for later, tried, told in ((86399, 0, 0), (86400, 1, 0), (86400 + 700, 2, 1), (86400 + 3601, 3, 2)):
        monkeypatch.setattr(clock, "timestamp", lambda at=start + later: at)
        room.queue.retry([each.id for each in room.queue.list()])
        room.work()
        assert (len(room.peers.got), len(reports(room))) == (tried, told), later
    assert room.queue.list() == []


def test_an_administrator_gives_back_what_has_not_arrived_and_nothing_else(room):
    room.peers.answer = lambda address: (
        Outcome(Status.WAITING, 451, "4.3.0", "not now") if address.startswith("x") else delivered("taken")
    )
    name = go(room, Recipient("x@peer.example"), Recipient("y@peer.example"))
    assert room.settlement.give_back(name, "sent by mistake") == 1
    room.work()
    [report] = reports(room)
    told = report.get_payload(1).get_payload(1)
    assert (told["Final-Recipient"], told["Action"]) == ("rfc822; x@peer.example", "failed")
    assert told["Diagnostic-Code"] == "smtp; 550 5.7.0 sent by mistake"
    assert room.queue.list() == []
    with pytest.raises(Fault):
        room.settlement.give_back(name, "again")


ODIA, HINDI = "ମେଲ୍ ପହଞ୍ଚାଯାଇ ପାରିଲା ନାହିଁ", "मेल नहीं पहुँचाई जा सकी"


@pytest.mark.parametrize(
    ("own", "domain", "sender", "subject", "tag"),
    [
        ("or", ("hi",), BIBHU.address, ODIA, "or"),
        ("", ("hi", "en"), BIBHU.address, HINDI, "hi, en"),
        ("", ("or", "en", "hi"), COLLECTOR.address, ODIA, "or, en, hi"),
        ("", (), BIBHU.address, "Mail could not be delivered", "en"),
        ("fr", ("or",), BIBHU.address, "Mail could not be delivered", "en"),
        ("or-IN", (), BIBHU.address, ODIA, "or"),
    ],
)
def test_a_report_speaks_the_senders_language_or_the_domains(room, own, domain, sender, subject, tag):
    """What is for programs, and what the other server said, is the same in all of them (RFC 3464)."""
    room.town.languages[BIBHU.address], room.town.spoken = own, domain
    room.peers.answer = answer(Status.FAILED, 550, "5.1.1", "no such user")
    go(room, Recipient("x@peer.example"), sender=sender)
    octets = room.messages(COLLECTOR if sender == COLLECTOR.address else BIBHU)[0]
    report = email.message_from_bytes(octets, policy=email.policy.SMTP)
    text, status, _ = report.iter_parts()
    assert (report["Subject"], text["Content-Language"]) == (subject, tag)
    assert text.get_content().count("x@peer.example") == text.get_content().count("no such user") == len(tag.split())
    assert ("Nobody has this address" in text.get_content()) == ("en" in tag)
    assert status.get_payload()[1]["Status"] == "5.1.1"
    assert status.as_bytes().isascii()


def test_a_delay_says_until_when_it_is_tried(room, monkeypatch):
    room.peers.answer = answer(Status.WAITING, 451, "4.4.1", "away")
    room.town.languages[BIBHU.address] = "hi"
    name = go(room, Recipient("x@peer.example"))
    start = clock.timestamp()
    monkeypatch.setattr(clock, "timestamp", lambda: start + 700)
    room.queue.retry([name])
    room.work()
    (report,) = reports(room)
    until = datetime.fromtimestamp(room.queue.show(name).begun + 3600)
    assert f"{until:%d-%m-%Y}" in report.get_body().get_content()
    assert "उत्तर नहीं दे रहा" in report.get_body().get_content()


def test_while_the_directory_is_away_reports_are_in_english(room):
    room.town.languages[BIBHU.address] = "or"
    room.town.down = True
    assert words_for(room.town, BIBHU.address).languages == ("en",)


def test_strangers_are_written_to_as_the_default_domain_speaks(room):
    room.town.spoken = ("or", "en")
    assert words_for(room.town, "a@peer.example").languages == ("or", "en")


def header_only(report):
    """As most servers write it: of what they could not deliver only the header comes back.  RFC 6522 4"""
    made = email.message_from_bytes(report)
    status, sent = made.get_payload()[-2:]
    assert status.get_content_type() == "message/delivery-status"
    block = "".join(f"{name}: {value}\n" for name, value in sent.get_payload()[0].items())
    headers = email.message.Message()
    headers["Content-Type"] = "text/rfc822-headers"
    headers.set_payload(block)
    made.set_payload([*made.get_payload()[:-1], headers])
    return made.as_bytes(policy=email.policy.SMTP)


def test_an_invitation_that_comes_back_is_told_to_calendars_with_who_was_not_reached(room, tmp_path):
    calendar = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"
    letter = Letter("i", "ଘଟଣା@x", "REQUEST", BIBHU.address, "Bibhu", "Guest@peer.example", "en", calendar)
    room.peers.answer = answer(Status.FAILED, 550, "5.1.1", "nobody here")
    marks = Marks(HOST, Secret(tmp_path / "secret"))
    Imip(marks, room.queue).send(letter)
    room.work()
    (report,) = room.messages(BIBHU)
    told = []
    invitations = Invitations(SimpleNamespace(arrived=told.append), marks)
    forged = report.replace(marks.message_id("i", "guest@peer.example").encode(), marks.message_id("i", "b@c").encode())
    for octets, sender, service, told_of in (
        (report, "", "local", 1),
        (report, "", "mx", 1),  # by the server of others
        (header_only(report), "", "mx", 1),
        (forged, "", "mx", 0),  # by somebody who got another copy
        (report, "x@y.example", "mx", 0),
    ):
        told.clear()
        drop = Drop(local.Letter("q", Memory(octets), 0, None, sender), BIBHU, BIBHU.address)
        invitations.note(drop, Origin(service))
        wanted = [(BIBHU.id, "ଘଟଣା@x", ("guest@peer.example",))] * told_of
        assert [(each.account, each.uid, each.returned) for each in told] == wanted
