"""Between us and Debian's Postfix and Exim, both ways: nothing lost, nothing twice, and TLS as it was asked for.

The DNS of the lab is Debian's unbound, which validates; mail for a name in it goes to the server under test.
"""

import email
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from twisted.internet.threads import blockingCallFromThread

from odcore import ids
from odcore.net.dns import Dns, Tlsa
from odcore.net.hop import Hop
from odcore.net.tls import KeyPair, ServerTls
from odmail.delivery.ports import Gate, Host, Outcome, Security, Shipment
from odmail.filter.memory import Memory
from odmail.filter.ops.greylist import WAIT
from odmail.smtp.ports import House
from odmail.smtp.sender import Sender
from odmail.smtp.server import SmtpFactory
from odmail.smtp.settings import SenderSettings, ServerSettings
from odmail.smtp.types import MX
from odtest import chain
from odtest.daemon import Daemon, free_port, until
from odtest.listening import listen
from odtest.mta import Exim, Mta, Postfix, Way
from odtest.postroom import HOST, SASMITA, PostRoom
from odtest.unbound import SIGNED, UNSIGNED, resolving

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can start Postfix and Exim")

HERE = SASMITA.address
BODY = b".\r\n..\r\n.dot\r\n" + "ଓଡ଼ିଶା\r\n".encode() + b"x" * 990 + b"\r\n\r\nend\r\n"
BOXES = ("plain", "right", "wrong", "bogus", "sts", "false")
"""Domains of the signed and of the unsigned zone. Each has the server under test as its exchanger."""


def letter(subject: str, body: bytes = BODY) -> bytes:
    head = f"From: a@peer.example\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
    return head.encode() + b"Content-Transfer-Encoding: 8bit\r\n\r\n" + body


@pytest.fixture(scope="module")
def grey_port() -> int:
    """Where a server of ours listens that makes newcomers wait."""
    return free_port()


@pytest.fixture(scope="module", params=[Postfix, Exim])
def mta(request: pytest.FixtureRequest, _suite: Daemon, grey_port: int) -> Iterator[Mta]:
    """One of them, running. What it sends goes to our suite, by TLS, in clear, or to the one that makes it wait."""
    folder = Path(tempfile.mkdtemp(prefix="od"))
    mx = _suite.ports["mx"]
    ways = {"peer.example": Way(mx), "clear.example": Way(mx, tls=False), "grey.example": Way(grey_port)}
    domains = [f"{box}.{zone}" for zone in (SIGNED, UNSIGNED) for box in BOXES]
    made: Mta = request.param(folder / "mta", f"mx.sts.{UNSIGNED}", domains, ways)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate of somebody else."""
    folder = tmp_path_factory.mktemp("other")
    chain.made(folder, "mx.example")
    return folder


@pytest.fixture(scope="module")
def names(mta: Mta, other: Path) -> Iterator[Dns]:
    """The lab's DNS."""
    records: dict[tuple[str, str], str] = {("@", "MX"): "0 mx"}
    for box in BOXES:
        records |= {(box, "MX"): f"0 mx.{box}", (f"mx.{box}", "A"): "192.0.2.9"}
    right = _text(chain.tlsa(3, 1, 1, mta.chain[0]))
    wrong = _text(chain.tlsa(3, 1, 1, chain.made(other, "mx.example")[0]))
    signed = records | {
        ("_25._tcp.mx.right", "TLSA"): right,
        ("_25._tcp.mx.wrong", "TLSA"): wrong,
        ("_25._tcp.mx.bogus", "TLSA"): wrong,
    }
    unsigned = records | {
        ("_25._tcp.mx.wrong", "TLSA"): wrong,
        ("_mta-sts.sts", "TXT"): '"v=STSv1; id=1"',
        ("_mta-sts.false", "TXT"): '"v=STSv1; id=1"',
    }
    with resolving(signed, unsigned, forged={("_25._tcp.mx.bogus", "TLSA"): right}) as resolver:
        yield resolver


def _text(record: Tlsa) -> str:
    return f"{record.usage} {record.selector} {record.matching} {record.data.hex()}"


class World:
    """Our sender. Wherever the DNS says a server is, it is the one under test."""

    def __init__(self, reactor: Any, mta: Mta, authority: Path | None = None) -> None:
        settings = SenderSettings(connect_seconds=5, reuse_seconds=0)
        self.sender = Sender(settings, HOST, reactor, authority)
        self.mta, self.port = mta, mta.port
        self.hosts: list[Host] = []  # as the DNS and the policies had them
        self.outcomes: list[Outcome] = []

    def send(self, shipment: Shipment) -> tuple[Outcome, ...]:
        hosts = tuple(replace(each, addresses=("127.0.0.1",), port=self.port) for each in shipment.hosts)
        self.hosts += shipment.hosts
        outcomes = self.sender.send(replace(shipment, hosts=hosts))
        self.outcomes += outcomes
        return outcomes


@pytest.fixture
def room(tmp_path: Path, names: Dns, mta: Mta, reactor: Any) -> Iterator[PostRoom]:
    """Our queue and stores, a sender that believes the server's authority."""
    made = PostRoom(tmp_path / "room", names=names)
    made.peers = World(reactor, mta, mta.authority)
    yield made
    made.close()


def arrived(mta: Mta, subject: str, count: int) -> list[bytes]:
    """Postfix has said 250 before it delivers."""
    return until(lambda: len(found := mta.messages(subject)) >= count and found, mta.log)


# -- to us


@pytest.mark.parametrize("tls", [True, False], ids=["tls", "clear"])
def test_they_send_to_us(mta: Mta, house: Daemon, tls: bool) -> None:
    """Small, many, large; each is in the mailbox once, octet by octet, and came by TLS where they know it."""
    prefix = f"to-us-{'tls' if tls else 'clear'}-{type(mta).__name__}-"
    letters = {f"{prefix}{number}": BODY + b"n\r\n" * number for number in range(8)}
    letters[f"{prefix}large"] = BODY + b"y" * 70 + b"\r\n" * 20_000
    sender = "anna@peer.example" if tls else "anna@clear.example"
    mta.send(sender, "sasmita.nayak@odisha.example", *(letter(subject, body) for subject, body in letters.items()))
    client = house.imap("sasmita.nayak@odisha.example")

    def look() -> list[bytes]:
        client.select("INBOX")
        found: list[bytes] = client.search(None, "SUBJECT", prefix)[1][0].split()
        return found if len(found) >= len(letters) else []

    numbers = b",".join(until(look, mta.log))
    messages = [each[1] for each in client.fetch(numbers.decode(), "(BODY.PEEK[])")[1] if isinstance(each, tuple)]
    client.logout()
    assert sorted(email.message_from_bytes(each)["Subject"] for each in messages) == sorted(letters)
    for each in messages:
        parsed = email.message_from_bytes(each)
        assert each.partition(b"\r\n\r\n")[2] == letters[parsed["Subject"]]
        assert ("ESMTPS" in parsed["Received"]) is tls


@contextmanager
def listening(reactor: Any, gate: Gate, port: int, tls: Path) -> Iterator[None]:
    """An MX of ours in this process."""
    pair = KeyPair(tls / "server.pem", tls / "server.key")
    hop = Hop(reactor, 4)
    factory = SmtpFactory(House(HOST, MX, gate, starttls=True), ServerSettings(), hop, reactor, ServerTls([pair]))
    served = blockingCallFromThread(reactor, listen, reactor, factory, None, port)
    try:
        yield
    finally:
        blockingCallFromThread(reactor, served.stopListening)


def test_our_greylisting_makes_them_come_again(mta: Mta, room: PostRoom, reactor: Any, grey_port: int, other: Path):
    """The first try is put off, and one that comes too soon; the one in time is taken, and in the mailbox once."""
    now = 1_000_000.0
    room.memory = Memory(room.folder / "filter", lambda: now)
    with listening(reactor, room.checked(greylist="all", trusted=(), dns=False), grey_port, other):
        mta.send("anna@grey.example", HERE, letter("grey"))
        until(lambda: "4.7.1" in mta.log(), mta.log)
        mta.hurry()
        until(lambda: mta.log().count("4.7.1") >= 2, mta.log)
        room.work()
        assert room.messages(SASMITA) == []
        now += WAIT + 1

        def look() -> list[bytes]:
            mta.hurry()
            room.work()
            return room.messages(SASMITA)

        (found,) = until(look, mta.log)
        mta.hurry()
        room.work()
        assert room.messages(SASMITA) == [found]
    assert found.partition(b"\r\n\r\n")[2] == BODY


# -- to them


@pytest.mark.parametrize("tls", [True, False], ids=["tls", "clear"])
def test_we_send_to_them(mta: Mta, room: PostRoom, tls: bool) -> None:
    """One copy for each recipient, octet by octet."""
    room.peers.port = mta.port if tls else mta.clear_port
    subject = f"to-them-{tls}"
    room.accept(letter(subject), f"u@plain.{UNSIGNED}", f"v@plain.{UNSIGNED}", body="8BITMIME")
    room.work()
    assert arrived(mta, subject, 2) == [BODY, BODY]
    assert [bool(each.tls) for each in room.peers.outcomes] == [tls, tls]
    assert room.queue.list() == []


def test_one_is_refused_one_comes_again_one_is_taken(mta: Mta, room: PostRoom) -> None:
    """Each recipient has a fate of its own: a report, another attempt, a delivery; and nobody gets it twice."""
    u, v, no = (f"{name}@plain.{UNSIGNED}" for name in ("u", "v", "no"))
    mta.answer({no: "550 5.1.1 nobody here", v: "450 4.7.1 greylisted, come again"})
    name = room.accept(letter("fates"), u, v, no, body="8BITMIME", sender=HERE)
    room.work()
    assert arrived(mta, "fates", 1) == [BODY]
    (waiting,) = room.queue.list()
    assert [each.last_reply[:3] for each in waiting.recipients if each.status == "waiting"] in (["450"], ["451"])
    assert "nobody here" in str(room.messages(SASMITA)[0])
    mta.answer({})
    room.queue.retry([name])
    room.work()
    assert arrived(mta, "fates", 2) == [BODY, BODY]
    assert room.queue.list() == []


def test_a_server_that_died_gets_it_when_it_lives_again(mta: Mta, room: PostRoom) -> None:
    """It waits, once."""
    mta.stop(signal.SIGKILL)
    name = room.accept(letter("died"), f"u@plain.{UNSIGNED}", body="8BITMIME")
    room.work()
    assert [each.id for each in room.queue.list()] == [name]
    mta.start()
    room.queue.retry([name])
    room.work()
    assert arrived(mta, "died", 1) == [BODY]
    assert room.queue.list() == []


# -- DANE on answers that are validated, MTA-STS


def delivers(mta: Mta, room: PostRoom, domain: str) -> bool:
    """By TLS, and once; or the message waits, and the server has nothing of it."""
    subject = ids.readable(12)
    name = room.accept(letter(subject), f"u@{domain}", body="8BITMIME")
    room.work()
    if waiting := room.queue.list():
        assert [each.id for each in waiting] == [name]
        assert mta.messages(subject) == []
        return False
    assert arrived(mta, subject, 1) == [BODY]
    assert all(each.tls for each in room.peers.outcomes)
    return True


def test_dane_the_certificate_of_a_validated_record_is_had_or_nothing_is_sent(mta: Mta, room: PostRoom) -> None:
    """The resolver has checked the signatures of all the way to it."""
    assert delivers(mta, room, f"right.{SIGNED}")
    assert [each.security for each in room.peers.hosts] == [Security.DANE]
    assert not delivers(mta, room, f"wrong.{SIGNED}")
    assert room.peers.outcomes[-1].enhanced == "4.7.5"


def test_dane_a_record_whose_signature_is_false_is_no_answer(mta: Mta, room: PostRoom) -> None:
    """It names the right certificate; but somebody may have taken away the one that does not."""
    assert not delivers(mta, room, f"bogus.{SIGNED}")
    assert room.peers.hosts == []


def test_dane_a_record_that_nobody_has_signed_is_none(mta: Mta, room: PostRoom) -> None:
    """Mail goes as to any other server."""
    assert delivers(mta, room, f"wrong.{UNSIGNED}")
    assert delivers(mta, room, f"plain.{SIGNED}")
    assert [each.security for each in room.peers.hosts] == [Security.OPPORTUNISTIC] * 2


def test_mta_sts_a_certificate_for_the_name_is_had_or_nothing_is_sent(mta: Mta, room: PostRoom, other: Path) -> None:
    """By an authority that is believed."""
    for box in ("sts", "false"):
        policy = f"version: STSv1\nmode: enforce\nmx: mx.{box}.{UNSIGNED}\nmax_age: 86400\n"
        room.published[f"{box}.{UNSIGNED}"] = policy.encode()
    assert delivers(mta, room, f"sts.{UNSIGNED}")
    assert not delivers(mta, room, f"false.{UNSIGNED}")
    assert [each.security for each in room.peers.hosts] == [Security.REQUIRED] * 2
    assert room.peers.outcomes[-1].enhanced == "4.7.5"


def test_mta_sts_an_authority_that_is_not_believed_is_none(mta: Mta, room: PostRoom, reactor: Any, other: Path) -> None:
    """The name is right."""
    room.peers = World(reactor, mta, other / "ca.pem")
    policy = f"version: STSv1\nmode: enforce\nmx: mx.sts.{UNSIGNED}\nmax_age: 86400\n"
    room.published[f"sts.{UNSIGNED}"] = policy.encode()
    assert not delivers(mta, room, f"sts.{UNSIGNED}")
