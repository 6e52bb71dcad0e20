"""Invitations that leave the suite by mail, and answers that come back: over TLS, with a DNS of our own."""

import email
import email.policy
import json
import os
import threading
from collections.abc import Iterator

import caldav
import pytest

from odcore.config.types import Network
from odtest.daemon import Daemon, running, until
from odtest.dav import ask, calendar, client, event, home, kept, line, names_of
from odtest.dns_server import DnsServer
from odtest.imip_mail import FORMS, exchange_reply, mail, reply, request
from odtest.push_service import Device, PushService

ANNA, BIBHUTI, LIPIKA = (f"{each}@odisha.example" for each in ("sasmita.nayak", "bibhuti.das", "lipika.sahoo"))
GUEST, STRANGER = "guest@peer.example", "guest@open.example"
RECORDS = {
    ("push.example", "A"): ["127.0.0.1"],
    ("1.0.0.127.in-addr.arpa", "PTR"): ["mx.peer.example."],
    ("mx.peer.example", "A"): ["127.0.0.1"],
    ("peer.example", "TXT"): ['"v=spf1 ip4:127.0.0.1 -all"'],
    ("_dmarc.peer.example", "TXT"): ['"v=DMARC1; p=reject"'],
    ("other.example", "TXT"): ['"v=spf1 ip4:127.0.0.1 -all"'],
}


@pytest.fixture(scope="module")
def names() -> Iterator[DnsServer]:
    server = DnsServer(RECORDS)
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="module")
def push_service(tmp_path_factory) -> Iterator[PushService]:
    """The house trusts its authority."""
    with pytest.MonkeyPatch.context() as patch:
        service = PushService(tmp_path_factory.mktemp("push"))
        patch.setenv("SSL_CERT_FILE", str(service.authority))
        yield service
    service.close()


@pytest.fixture(scope="module")
def house(names: DnsServer, push_service: PushService) -> Iterator[Daemon]:
    pushes = {"push.services": [push_service.place], "push.networks": [Network("127.0.0.0/8")]}
    settings = {"filter.trusted": [], "filter.nameservers": [names.address], "filter.greylist": "off"}
    with running(**settings, **pushes) as daemon:
        yield daemon


def left(house: Daemon, to: str, method: str, uid: str) -> email.message.EmailMessage:
    """A mail for the outside, with its calendar."""

    def look() -> email.message.EmailMessage | None:
        for path in (house.folder / "outside").glob("*.eml"):
            made = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            parts = [part for part in made.walk() if part.get_content_type() == "text/calendar"]
            told = parts[0].get_content() if parts else ""
            if made["To"] == to and f"METHOD:{method}" in told and f"UID:{uid}" in told:
                return made
        return None

    return until(look, f"{method} leaves for {to}\n{house.tail()}")


def arrive(house: Daemon, form: str, author: str, method: str, text: str, sender: str = "") -> str:
    """Mail from outside; it lies in the mailbox afterwards, whatever becomes of it in the calendar."""
    message_id = come(house, ANNA, form, author, method, text, sender)
    house.awaited(ANNA, message_id)
    return message_id


def come(house: Daemon, to: str, form: str, author: str, method: str, text: str, sender: str = "") -> str:
    """Mail from outside, accepted."""
    message_id = f"{os.urandom(8).hex()}@peer.example"
    with house.mx() as smtp:
        smtp.ehlo("mx.peer.example")
        smtp.starttls(context=house.tls())
        smtp.ehlo("mx.peer.example")
        smtp.sendmail(sender or author, [to], mail(form, author, to, method, text, message_id))
    return f"<{message_id}>"


def test_a_guest_outside_gets_a_mail_that_programs_and_people_read(house):
    with client(house, ANNA) as anna:
        calendar(anna).save_with_invites(event("out-1", "LOCATION:Sachivalaya\\, Hall 2\r\n"), [f"mailto:{GUEST}"])
        made = left(house, GUEST, "REQUEST", "out-1")
        kinds = [part.get_content_type() for part in made.walk()]
        assert kinds == ["multipart/mixed", "multipart/alternative", "text/plain", "text/calendar", "application/ics"]
        assert made["From"].addresses[0].addr_spec == ANNA
        assert made["Subject"] == "Invitation: Review"
        words, told, file = (part for part in made.walk() if part.get_content_maintype() != "multipart")
        for each in ("05-01-2027, 10:30 - 11:30 (Asia/Kolkata)", "Sachivalaya, Hall 2", "invites you"):
            assert each in words.get_content()
        assert told.get_param("method") == "REQUEST"
        assert file.get_content().decode() == told.get_content()
        assert "BEGIN:VTIMEZONE" in told.get_content()
        assert "SCHEDULE-STATUS=1.1" in kept(anna, "out-1")
        envelopes = [json.loads(path.read_text()) for path in (house.folder / "outside").glob("*.json")]
        assert any(ANNA in json.dumps(each) and GUEST in json.dumps(each) for each in envelopes)
        calendar(anna).event_by_uid("out-1").delete()
        assert left(house, GUEST, "CANCEL", "out-1")["Subject"] == "Cancelled: Review"


@pytest.mark.parametrize("form", FORMS)
def test_an_answer_from_outside_reaches_the_organizers_copy(house, form):
    uid = f"in-{form}"
    with client(house, ANNA) as anna:
        calendar(anna).save_with_invites(event(uid), [f"mailto:{GUEST}"])
        text = (
            exchange_reply(uid, ANNA, GUEST, "ACCEPTED") if form == "exchange" else reply(uid, ANNA, GUEST, "ACCEPTED")
        )
        arrive(house, form, GUEST, "REPLY", text)
        until(lambda: "SCHEDULE-STATUS=2.0" in kept(anna, uid), lambda: kept(anna, uid))
        line = next(each for each in kept(anna, uid).split("\n") if each.endswith(f":mailto:{GUEST}"))
        assert "PARTSTAT=ACCEPTED" in line


def test_a_domain_without_a_policy_speaks_for_itself_and_others_do_not_speak_for_it(house):
    with client(house, ANNA) as anna:
        calendar(anna).save_with_invites(event("in-other"), ["mailto:a@other.example", f"mailto:{STRANGER}"])
        arrive(house, "google", STRANGER, "REPLY", reply("in-other", ANNA, STRANGER, "ACCEPTED"))
        arrive(
            house, "google", STRANGER, "REPLY", reply("in-other", ANNA, STRANGER, "ACCEPTED"), sender="x@other.example"
        )
        arrive(house, "google", GUEST, "REPLY", reply("in-other", ANNA, "a@other.example", "DECLINED"))
        arrive(house, "google", "a@other.example", "REPLY", reply("in-other", ANNA, "a@other.example", "TENTATIVE"))
        until(lambda: "PARTSTAT=TENTATIVE" in kept(anna, "in-other"), lambda: kept(anna, "in-other"))
        assert "ACCEPTED" not in kept(anna, "in-other").split(STRANGER)[0].rpartition("ATTENDEE")[2]
        assert "PARTSTAT=DECLINED" not in kept(anna, "in-other")


def test_an_invitation_from_outside_is_answered_by_mail_and_cancelled_by_mail(house):
    with client(house, ANNA) as anna:
        arrive(house, "google", GUEST, "REQUEST", request("theirs", GUEST, ANNA))
        until(lambda: kept(anna, "theirs"), "the invitation is in the calendar")
        mine = calendar(anna).event_by_uid("theirs")
        mine.change_attendee_status(partstat="ACCEPTED")
        mine.save(increase_seqno=False)
        made = left(house, GUEST, "REPLY", "theirs")
        assert made["Subject"] == "Accepted: Audit"
        arrive(house, "exchange", STRANGER, "CANCEL", request("theirs", GUEST, ANNA, "CANCEL", 1, "CANCELLED"))
        arrive(house, "exchange", GUEST, "REQUEST", request("theirs", GUEST, ANNA, "REQUEST", 1))
        until(lambda: "SEQUENCE:1" in kept(anna, "theirs"), lambda: kept(anna, "theirs"))
        assert "STATUS:CANCELLED" not in kept(anna, "theirs")
        arrive(house, "apple", GUEST, "CANCEL", request("theirs", GUEST, ANNA, "CANCEL", 2, "CANCELLED"))
        until(lambda: "STATUS:CANCELLED" in kept(anna, "theirs"), lambda: kept(anna, "theirs"))


def test_a_counter_proposal_lies_in_the_inbox_and_moves_nothing(house):
    with client(house, ANNA) as anna:
        calendar(anna).save_with_invites(event("counter"), [f"mailto:{GUEST}"])
        text = reply("counter", ANNA, GUEST, "TENTATIVE", "COUNTER", "20270105T080000Z")
        arrive(house, "exchange", GUEST, "COUNTER", text)
        notes = lambda: [each.data for each in anna.principal().schedule_inbox().get_items()]  # noqa: E731
        until(lambda: any("METHOD:COUNTER" in each for each in notes()), "the proposal is noted")
        assert "T103000" in kept(anna, "counter")


def test_a_post_goes_on_inviting_after_a_handover(house):
    """Who holds the post now gets the answers and may move the meeting; who held it when they invited may not."""
    post_address, uid = "moving.post@odisha.example", "post-1"
    house.odmail("post", "add", "moving.post", "--title", "Moving post", "--office", "khordha")
    house.odmail("post", "handover", "moving.post", "--to", ANNA, "--order", "GA-1")
    post = json.loads(house.odmail("post", "show", "moving.post", "--json"))["id"]
    name = f"{post}~calendar"
    with client(house, ANNA) as anna, client(house, BIBHUTI) as bibhuti, client(house, LIPIKA) as lipika:
        until(lambda: name in names_of(anna), "the post's calendar is there")
        calendar(anna, name).save_with_invites(event(uid), [f"mailto:{GUEST}", f"mailto:{LIPIKA}"])
        assert left(house, GUEST, "REQUEST", uid)["From"].addresses[0].addr_spec == post_address
        until(lambda: kept(lipika, uid), "the invitation is in the calendar")
        href = str(calendar(anna, name).event_by_uid(uid).url).rpartition("/")[2]
        house.odmail("post", "handover", "moving.post", "--to", BIBHUTI, "--order", "GA-2")
        until(lambda: name in names_of(bibhuti) and name not in names_of(anna), "it is another's")

        come(house, post_address, "google", GUEST, "REPLY", reply(uid, post_address, GUEST, "ACCEPTED"))
        mine = calendar(lipika).event_by_uid(uid)
        mine.change_attendee_status(partstat="TENTATIVE")
        mine.save(increase_seqno=False)
        for who, said in ((GUEST, "ACCEPTED"), (LIPIKA, "TENTATIVE")):
            answered = lambda who=who, said=said: f"PARTSTAT={said}" in line(kept(bibhuti, uid, name), who)  # noqa: E731
            until(answered, lambda: kept(bibhuti, uid, name))

        moved = kept(bibhuti, uid, name).replace("T103000", "T113000")
        copied = event("post-2", f"ORGANIZER:mailto:{post_address}\r\nATTENDEE:mailto:{LIPIKA}\r\n")
        tries = (
            (f"/dav/{post}/calendar/{href}", moved, 404),
            (f"{home(house, ANNA)}{name}/{href}", moved, 409),  # no such calendar any more
            (f"{home(house, ANNA)}calendar/post.ics", copied, 201),  # a note to herself: it invites nobody
        )
        for path, text, status in tries:
            assert ask(house, "PUT", path, text.encode(), ANNA).status == status
        theirs = calendar(bibhuti, name).event_by_uid(uid)
        theirs.data = theirs.data.replace("T103000", "T113000")
        theirs.save()
        until(lambda: "T113000" in kept(lipika, uid), lambda: kept(lipika, uid))
        assert not kept(lipika, "post-2")


@pytest.mark.breaks
def test_answers_by_mail_survive_whoever_carries_them(house):
    """`queue` dies again and again while answers come in; each counts, and each mail is in the mailbox."""
    ended = threading.Event()

    def kill() -> None:
        while not ended.wait(0.4):
            house.kill("queue")

    with client(house, ANNA) as anna:
        uids = [f"dies-{number}" for number in range(10)]
        for uid in uids:
            calendar(anna).save_with_invites(event(uid), [f"mailto:{GUEST}"])
        killer = threading.Thread(target=kill)
        killer.start()
        try:
            with house.mx() as smtp:
                smtp.ehlo("mx.peer.example")
                smtp.starttls(context=house.tls())
                smtp.ehlo("mx.peer.example")
                for uid in uids:
                    text = reply(uid, ANNA, GUEST, "ACCEPTED")
                    smtp.sendmail(GUEST, [ANNA], mail("google", GUEST, ANNA, "REPLY", text, f"{uid}@peer.example"))
        finally:
            ended.set()
            killer.join()
        for uid in uids:
            house.awaited(ANNA, f"<{uid}@peer.example>")
            until(lambda u=uid: "SCHEDULE-STATUS=2.0" in kept(anna, u), lambda u=uid: kept(anna, u))
    assert not list((house.folder / "scheduling" / "mailed").glob("*.bad"))


def test_a_device_is_told_of_an_invitation_that_came_by_mail_until_its_password_is_revoked(
    house: Daemon, push_service: PushService
):
    device = Device(push_service)
    password = house.odmail("device-password", "add", ANNA, "--scope", "dav").split()[-1]
    where = str(calendar(client(house, ANNA)).url)
    options = {"url": where, "username": ANNA, "password": password, "ssl_verify_cert": str(house.authority)}
    phone = caldav.DAVClient(**options, enable_rfc6764=False)
    told = phone.request(where, "POST", device.asks(), {"Content-Type": "application/xml"})
    assert told.status == 204
    arrive(house, "google", GUEST, "REQUEST", request("pushed", GUEST, ANNA))
    (message,) = until(device.heard, f"the phone is told\n{house.tail()}")
    assert "<P:content-update>" in message
    assert "pushed" not in message
    house.odmail("device-password", "revoke", ANNA, password[:4])
    arrive(house, "google", GUEST, "REQUEST", request("silent", GUEST, ANNA))
    until(
        lambda: [line for line in house.log_lines() if line["event"] == "push_ended"], f"it has ended\n{house.tail()}"
    )
    assert len(device.heard()) == 1
