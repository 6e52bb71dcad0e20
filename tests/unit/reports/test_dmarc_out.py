"""What came in a domain's name is told to its owner once, truly, and to nobody who did not ask."""

import email
import email.policy
import gzip

import pytest

from odcore import clock
from odmail.queue.model import Envelope, Origin, Recipient
from odmail.reports import dmarc_xml
from odmail.reports.dmarc_author import DmarcAuthor
from odmail.reports.model import DmarcReport, DmarcRow, Signed
from odmail.reports.model import Kind as Sort
from odmail.reports.outbound import Outbound
from odmail.reports.tally import DAY, Tally
from odtest.postroom import HOST, SASMITA, PostRoom
from odtest.zone import TIMEOUT, Zone

CLIENT, FORGER = "192.0.2.7", "198.51.100.66"
NOON = 20_000 * DAY + DAY // 2


def letter(author: str = "anna@peer.example") -> bytes:
    return f"From: {author}\r\nTo: x@odisha.example\r\nSubject: hello\r\n\r\nbody\r\n".encode()


def world(rua: str = "mailto:dmarc@peer.example") -> Zone:
    return Zone(
        {
            ("mx.peer.example", "A"): [CLIENT],
            ("peer.example", "A"): [CLIENT],
            ("peer.example", "TXT"): [f"v=spf1 ip4:{CLIENT} -all"],
            ("_dmarc.peer.example", "TXT"): [f"v=DMARC1; p=reject; sp=quarantine; aspf=s; rua={rua}"],
            ("silent.example", "TXT"): ["v=spf1 +all"],
            ("_dmarc.silent.example", "TXT"): ["v=DMARC1; p=none"],
        }
    )


@pytest.fixture
def now(monkeypatch):
    instant = [NOON]
    monkeypatch.setattr(clock, "timestamp", lambda: instant[0])
    return instant


@pytest.fixture
def room(tmp_path, now):
    made = PostRoom(tmp_path)
    made.names.hosts["peer.example"] = made.names.hosts["collector.example"] = (CLIENT,)
    yield made
    made.close()


def arrive(room, zone, author="anna@peer.example", client=CLIENT, sender="anna@peer.example", times=1) -> None:
    gate = room.checked(zone)
    for _ in range(times):
        origin = Origin("mx", address=client, helo="mx.peer.example")
        inbound = gate.receive(Envelope(sender, (Recipient(SASMITA.address),)), origin, None)
        inbound.write(letter(author))
        try:
            inbound.finish()
        except Exception:
            inbound.discard()


def outbound(room, zone) -> Outbound:
    room.tally.flush()
    author = DmarcAuthor(HOST, zone)
    return Outbound(HOST, lambda: "odisha.example", room.queue, room.reports.seen, (author,), post=None)


def sent(room) -> list[tuple[str, email.message.EmailMessage]]:
    """To whom, and what."""
    room.work()
    found = [(shipment.envelope, octets) for shipment, octets in room.peers.got]
    assert all(envelope.sender == "" for envelope, _ in found)
    parse = email.message_from_bytes
    return [(envelope.recipients[0].address, parse(octets, policy=email.policy.SMTP)) for envelope, octets in found]


def report_in(message: email.message.EmailMessage) -> DmarcReport:
    (part,) = message.iter_attachments()
    assert part.get_content_type() == "application/gzip"
    return dmarc_xml.read(gzip.decompress(part.get_content()))


def test_a_day_of_mail_is_one_signed_report_with_what_really_happened(room, now):
    room.keys.generate("odisha.example")
    zone = world()
    arrive(room, zone, times=3)
    arrive(room, zone, client=FORGER, sender="x@silent.example")
    arrive(room, zone, author="b@news.peer.example", client=FORGER, sender="x@silent.example")
    arrive(room, zone, author="c@silent.example", sender="c@silent.example")  # asks for no reports
    assert outbound(room, zone).send_due() == 0  # the day is not over
    now[0] = 20_001 * DAY + 3599
    assert outbound(room, zone).send_due() == 0
    now[0] += 1
    assert outbound(room, zone).send_due() == 1
    assert outbound(room, zone).send_due() == 0
    ((to, message),) = sent(room)
    assert to == "dmarc@peer.example"
    assert len(message.get_all("DKIM-Signature")) == 2
    assert message["From"].addresses[0].addr_spec == "mailer-daemon@odisha.example"
    report = report_in(message)
    assert message["Subject"] == f"Report Domain: peer.example Submitter: {HOST} Report-ID: <{report.head.id}>"
    name = f"{HOST}!peer.example!{20_000 * DAY}!{20_001 * DAY - 1}!{report.head.id}.xml.gz"
    assert next(message.iter_attachments()).get_filename() == name
    assert (report.policy.own, report.policy.below, report.policy.aspf) == ("reject", "quarantine", "s")
    good, *bad = report.rows
    assert (good.source, good.count, good.disposition, good.dkim, good.spf) == (CLIENT, 3, "none", "fail", "pass")
    assert {(row.header_from, row.disposition, row.dkim, row.spf, row.spf_domain, row.spf_result) for row in bad} == {
        ("peer.example", "reject", "fail", "fail", "silent.example", "pass"),
        ("news.peer.example", "quarantine", "fail", "fail", "silent.example", "pass"),
    }
    assert b"anna@" not in gzip.decompress(next(message.iter_attachments()).get_content())


def test_nobody_is_told_who_did_not_agree_and_a_small_mailbox_gets_nothing_large(room, now):
    zone = world("mailto:x@collector.example,mailto:small@peer.example!1k,mailto:dmarc@peer.example!1m")
    zone.add("collector.example", "A", CLIENT)
    arrive(room, zone)
    now[0] += DAY
    assert outbound(room, zone).send_due() == 1
    assert [to for to, _ in sent(room)] == ["dmarc@peer.example"]


def test_while_the_dns_is_silent_the_report_waits_and_after_days_it_is_given_up(room, now):
    zone = world()
    arrive(room, zone)
    silent = world()
    silent.records["_dmarc.peer.example", "TXT"] = [TIMEOUT]
    for day, left in ((1, 1), (3, 1), (5, 0)):
        now[0] = NOON + day * DAY
        assert outbound(room, silent).send_due() == 0
        assert len(room.reports.seen.due(Sort.DMARC, 30_000)) == left


def test_whoever_no_longer_asks_is_not_told(room, now):
    arrive(room, world())
    now[0] += DAY
    later = world()
    later.records["_dmarc.peer.example", "TXT"] = ["v=DMARC1; p=reject"]
    assert outbound(room, later).send_due() == 0
    assert room.reports.seen.due(Sort.DMARC, 30_000) == []


def test_what_has_to_come_again_is_counted_when_it_does(room):
    gate = room.checked(world(), greylist="on")
    origin = Origin("mx", address=CLIENT, helo="mx.peer.example")
    inbound = gate.receive(Envelope("anna@peer.example", (Recipient(SASMITA.address),)), origin, None)
    inbound.write(letter())
    with pytest.raises(Exception, match=r"later|again|greylist"):
        inbound.finish()
    room.tally.flush()
    assert room.reports.seen.due(Sort.DMARC, 30_000) == []


def test_rows_that_are_alike_are_one_and_of_different_ones_there_are_not_too_many(room, monkeypatch):
    monkeypatch.setattr("odmail.reports.seen.MOST_ROWS", 50)
    tally = Tally(room.reports.seen)
    for number in (*range(100), *range(100)):
        row = DmarcRow(f"192.0.2.{number}", "none", "fail", "fail", "peer.example", signatures=(Signed("a", "b", "c"),))
        tally.note(Sort.DMARC, "peer.example", row)
        if number == 99:
            tally.flush()
    tally.close()
    rows = room.reports.seen.of(Sort.DMARC, NOON // DAY, "peer.example")
    assert len(rows) == 50
    assert {count for _, count in rows} == {2}
