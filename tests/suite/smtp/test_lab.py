"""Between us and Debian's Postfix and Exim, both ways: nothing lost, nothing twice, and TLS as it was asked for."""

import email
import imaplib
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from odcore.net.dns import Tlsa
from odmail.delivery.ports import Host, Outcome, Security, Shipment
from odmail.smtp.sender import Sender
from odmail.smtp.settings import SenderSettings
from odtest import chain
from odtest.daemon import Daemon, until
from odtest.mta import Exim, Mta, Postfix
from odtest.postroom import PostRoom

SASMITA = "sasmita.nayak@odisha.example"
U, V = "u@peer.example", "v@peer.example"
BODY = b".\r\n..\r\n.dot\r\n" + "ଓଡ଼ିଶା\r\n".encode() + b"x" * 990 + b"\r\n\r\nend\r\n"
LETTER = (
    b"From: a@odisha.example\r\nSubject: lab\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + BODY
)

Make = Callable[..., Mta]


@pytest.fixture(params=[Postfix, Exim])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """One of them, running."""
    started: list[Mta] = []

    def begin(next: int = 9, *, tls: bool = True) -> Mta:
        root = tmp_path / "mta"
        root.mkdir()
        made: Mta = request.param(root, next, tls=tls)
        started.append(made)
        made.start()
        return made

    yield begin
    for each in started:
        each.stop()


class World:
    """Our sender; peer.example is the server under test, and it must travel as `security` says."""

    def __init__(self, reactor: Any, mta: Mta, authority: Path | None = None) -> None:
        self.sender = Sender(
            SenderSettings(connect_seconds=5, reuse_seconds=0), "mail.odisha.example", reactor, authority
        )
        self.mta = mta
        self.security, self.name = Security.OPPORTUNISTIC, "mx.example"
        self.tlsa: tuple[Tlsa, ...] = ()
        self.outcomes: list[Outcome] = []

    def send(self, shipment: Shipment) -> tuple[Outcome, ...]:
        host = Host(self.name, ("127.0.0.1",), self.mta.port, self.security, self.tlsa, (self.name,))
        outcomes = self.sender.send(replace(shipment, hosts=(host,)))
        self.outcomes += outcomes
        return outcomes


@pytest.fixture
def room(tmp_path: Path) -> Iterator[PostRoom]:
    made = PostRoom(tmp_path / "room")
    made.names.hosts["peer.example"] = ("192.0.2.9",)
    yield made
    made.close()


def arrived(mta: Mta, count: int) -> list[bytes]:
    until(lambda: len(mta.messages()) >= count, lambda: (mta.root / "log").read_text() if count else "", 30)
    return mta.messages()


@pytest.mark.parametrize("tls", [True, False], ids=["tls", "clear"])
def test_they_send_to_us(make: Make, house: Daemon, tls):
    """Small, many, large; each is in the mailbox once, octet by octet, and came by TLS where they know it."""
    mta = make(house.ports["mx"], tls=tls)
    letters = {f"lab-{tls}-{type(mta).__name__}-{number}": BODY + b"n\r\n" * number for number in range(12)}
    letters[f"lab-{tls}-{type(mta).__name__}-large"] = BODY + b"y" * 70 + b"\r\n" * 20_000
    for subject, body in letters.items():
        head = f"From: anna@peer.example\r\nSubject: {subject}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        mta.send(head.encode() + body, SASMITA)
    client = house.imap(SASMITA)
    prefix = f"lab-{tls}-{type(mta).__name__}-"
    found = until(lambda: (got := _found(client, prefix)) and len(got) >= len(letters) and got, "all letters", 40)
    assert sorted(each[0] for each in found) == sorted(letters)
    for subject, octets in found:
        assert octets.partition(b"\r\n\r\n")[2] == letters[subject]
        assert ("ESMTPS" in email.message_from_bytes(octets)["Received"]) is tls


def _found(client: imaplib.IMAP4_SSL, prefix: str) -> list[tuple[str, bytes]]:
    client.select("INBOX")
    numbers = client.search(None, "SUBJECT", prefix)[1][0].split()
    messages = [client.fetch(number, "(BODY.PEEK[])")[1][0][1] for number in numbers]
    return [(email.message_from_bytes(each)["Subject"], each) for each in messages]


@pytest.mark.parametrize("tls", [True, False], ids=["tls", "clear"])
def test_we_send_to_them(make: Make, room, reactor, tls):
    """One copy for each recipient, octet by octet."""
    mta = make(tls=tls)
    room.peers = World(reactor, mta)
    room.accept(LETTER, U, V, body="8BITMIME")
    room.work()
    assert arrived(mta, 2) == [BODY, BODY]
    assert all(bool(each.tls) is tls for each in room.peers.outcomes)
    assert room.queue.list() == []


def test_one_is_refused_one_comes_again_one_is_taken(make: Make, room, reactor):
    """Each recipient has a fate of its own: a report, another attempt, a delivery; and nobody gets it twice."""
    mta = make()
    room.peers = World(reactor, mta)
    mta.answer({"no@peer.example": "550 5.1.1 nobody here", V: "450 4.7.1 greylisted, come again"})
    name = room.accept(LETTER, U, V, "no@peer.example", body="8BITMIME", sender=SASMITA)
    room.work()
    assert arrived(mta, 1) == [BODY]
    (waiting,) = room.queue.list()
    assert [each.last_reply[:3] for each in waiting.recipients if each.status == "waiting"] in (["450"], ["451"])
    assert "nobody here" in str(room.messages(room.town.accounts[SASMITA])[0])
    mta.answer({})
    room.queue.retry([name])
    room.work()
    assert arrived(mta, 2) == [BODY, BODY]
    assert room.queue.list() == []


def test_a_server_that_died_gets_it_when_it_lives_again(make: Make, room, reactor):
    """It waits, once."""
    mta = make()
    room.peers = World(reactor, mta)
    mta.stop(signal.SIGKILL)
    name = room.accept(LETTER, U, body="8BITMIME")
    room.work()
    assert [each.id for each in room.queue.list()] == [name]
    mta.start()
    room.queue.retry([name])
    room.work()
    assert arrived(mta, 1) == [BODY]
    assert room.queue.list() == []


@pytest.mark.parametrize("right", [True, False], ids=["right", "wrong"])
@pytest.mark.parametrize("security", [Security.DANE, Security.REQUIRED], ids=["dane", "mta-sts"])
def test_what_a_domain_asks_for_is_had_or_nothing_is_sent(make: Make, room, reactor, tmp_path, security, right):
    """DANE: the certificate the TLSA record names; MTA-STS: one for this name by an authority that is believed."""
    mta = make()
    other = chain.made(tmp_path / "other", "mx.example")
    authority = (mta.root if right else tmp_path / "other").joinpath(*(("tls", "ca.pem") if right else ("ca.pem",)))
    world = room.peers = World(reactor, mta, authority)
    world.security = security
    world.tlsa = (chain.tlsa(3, 1, 1, (mta.chain if right else other)[0]),)
    name = room.accept(LETTER, U, body="8BITMIME")
    room.work()
    if right:
        assert arrived(mta, 1) == [BODY]
        assert world.outcomes[0].tls
    else:
        assert [each.id for each in room.queue.list()] == [name]
        assert world.outcomes[0].enhanced.startswith("4.7.")
        assert mta.messages() == []
