"""How TLS with other people's servers went is told to them once a day, policy by policy."""

import email
import email.policy
import gzip

import pytest

from odcore import clock
from odcore.errors import Fault, Kind
from odcore.net.dns import Mx, Tlsa
from odmail.delivery.ports import Session
from odmail.queue.model import Origin
from odmail.reports import tls_json
from odmail.reports.model import Kind as Sort
from odmail.reports.outbound import Outbound
from odmail.reports.tally import DAY
from odmail.reports.tls_author import TlsAuthor
from odtest.postroom import HOST, SASMITA, PostRoom
from odtest.zone import TIMEOUT, Zone

NOON = 20_000 * DAY + DAY // 2
LETTER = b"From: sasmita.nayak@odisha.example\r\nTo: x@peer.example\r\nSubject: hello\r\n\r\nbody\r\n"
POLICY = b"version: STSv1\nmode: testing\nmx: mx.peer.example\nmax_age: 864000\n"
MAIL = "mailto:tls@peer.example"


@pytest.fixture
def now(monkeypatch):
    instant = [NOON]
    monkeypatch.setattr(clock, "timestamp", lambda: instant[0])
    return instant


@pytest.fixture
def room(tmp_path, now):
    made = PostRoom(tmp_path)
    made.names.hosts |= {"mx.peer.example": ("192.0.2.9",), "peer.example": ("192.0.2.9",), "x.example": ("192.0.2.8",)}
    made.names.exchangers["peer.example"] = (Mx(10, "mx.peer.example"),)
    yield made
    made.close()


def send(room, *sessions: Session, to: str = "x@peer.example") -> None:
    """One message; the sender began these TLS sessions for it."""
    room.peers.sessions = sessions
    room.accept(LETTER, to, sender=SASMITA.address, origin=Origin("submission"))
    room.work()
    room.peers.sessions = ()


def outbound(room, rua: str = MAIL, posted: list | None = None, taken: bool = True) -> Outbound:
    def post(uri: str, body: bytes) -> None:
        if not taken:
            raise Fault(Kind.TRY_LATER, "no")
        posted.append((uri, body))

    room.tally.flush()
    zone = Zone({("_smtp._tls.peer.example", "TXT"): [rua if rua is TIMEOUT else f"v=TLSRPTv1; rua={rua}"]})
    return Outbound(HOST, lambda: "odisha.example", room.queue, room.reports.seen, (TlsAuthor(HOST, zone),), post)


def reports(room) -> list[email.message.EmailMessage]:
    room.work()
    found = [octets for shipment, octets in room.peers.got if shipment.envelope.sender == ""]
    return [email.message_from_bytes(octets, policy=email.policy.SMTP) for octets in found]


def test_a_day_of_sessions_is_one_report(room, now):
    room.keys.generate("odisha.example")
    good, clear = (
        Session("mx.peer.example", "192.0.2.9"),
        Session("mx.peer.example", "192.0.2.9", "starttls-not-supported"),
    )
    send(room, good)
    send(room, good, clear)
    room.names.texts["_mta-sts.peer.example"] = (b"v=STSv1; id=1",)
    room.published["peer.example"] = POLICY
    send(room, Session("mx.peer.example", "192.0.2.9", "certificate-expired", "certificate has expired"))
    send(room, good, to="x@x.example")
    now[0] += DAY
    assert outbound(room).send_due() == 1
    assert outbound(room).send_due() == 0
    (message,) = reports(room)
    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "tlsrpt"
    assert (message["TLS-Report-Domain"], message["TLS-Report-Submitter"]) == ("peer.example", HOST)
    assert message["TLS-Required"] == "No"
    assert len(message.get_all("DKIM-Signature")) == 2
    *_, part = message.iter_parts()
    assert part.get_content_type() == "application/tlsrpt+gzip"
    report = tls_json.read(gzip.decompress(part.get_payload(decode=True)))
    assert (report.head.begin, report.head.end) == (20_000 * DAY, 20_001 * DAY - 1)
    by_type = {each.type: each for each in report.policies}
    none, sts = by_type["no-policy-found"], by_type["sts"]
    assert (none.successes, none.failures, none.details[0].result) == (2, 1, "starttls-not-supported")
    assert (sts.successes, sts.failures, sts.details[0].result) == (0, 1, "certificate-expired")
    assert sts.texts == ("version: STSv1", "mode: testing", "mx: mx.peer.example", "max_age: 864000")
    assert sts.details[0].host == "mx.peer.example"


def test_where_dane_was_asked_for_it_says_so(room, now):
    room.names.secure |= {"peer.example", "mx.peer.example"}
    room.names.tlsas["_25._tcp.mx.peer.example"] = (Tlsa(3, 1, 1, b"\xab" * 32),)
    send(room, Session("mx.peer.example", "192.0.2.9", "validation-failure", "not the one"))
    now[0] += DAY
    outbound(room).send_due()
    *_, part = reports(room)[0].iter_parts()
    (policy,) = tls_json.read(gzip.decompress(part.get_payload(decode=True))).policies
    assert (policy.type, policy.texts) == ("tlsa", ("3 1 1 " + "ab" * 32,))


def test_a_web_server_is_handed_the_report_and_one_that_does_not_take_it_is_tried_again(room, now):
    send(room, Session("mx.peer.example", "192.0.2.9"))
    now[0] += DAY
    uri = "https://peer.example/v1"
    assert outbound(room, uri, taken=False).send_due() == 0
    assert outbound(room, f"{uri},{MAIL}", taken=False).send_due() == 1  # by mail it arrives all the same
    assert len(reports(room)) == 1
    send(room, Session("mx.peer.example", "192.0.2.9"))
    now[0] += DAY
    posted: list = []
    assert outbound(room, uri, posted).send_due() == 1
    ((to, body),) = posted
    assert to == uri
    assert tls_json.read(gzip.decompress(body)).policies[0].successes == 1


@pytest.mark.parametrize("rua", ["", "mailto:nobody", "http://peer.example/"])
def test_whoever_does_not_ask_is_not_told(room, now, rua):
    send(room, Session("mx.peer.example", "192.0.2.9"))
    now[0] += DAY
    assert outbound(room, rua).send_due() == 0
    assert room.reports.seen.due(Sort.TLS, 30_000) == []


def test_a_silent_dns_makes_it_wait(room, now):
    send(room, Session("mx.peer.example", "192.0.2.9"))
    now[0] += DAY
    assert outbound(room, TIMEOUT).send_due() == 0
    assert len(room.reports.seen.due(Sort.TLS, 30_000)) == 1
