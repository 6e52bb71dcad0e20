"""A18: who says nothing, or too little, loses the connection at every stage, and what was begun is given up."""

import pytest
from twisted.internet.defer import succeed
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from odcore import clock
from odmail.smtp.ports import House
from odmail.smtp.server import SmtpConnection, SmtpFactory
from odmail.smtp.settings import ServerSettings
from odmail.smtp.types import MX
from odtest.smtp import Doorman, Gate

ENVELOPE = b"EHLO a\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<sasmita@odisha.example>\r\n"


class Hop:
    """Calls at once."""

    def call(self, run):
        return succeed(run())

    def soon(self, begin):
        done = []
        begin(done.append)
        return succeed(done[0])


class Transport(StringTransport):
    """Forgiving, as those of sockets are."""

    def unregisterProducer(self) -> None:
        self.producer = None


class Client:
    """One connection; time passes when it says so."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.time, self.gate, self.transport = Clock(), Gate(), Transport()
        patch.setattr(clock, "monotonic", lambda: 1000.0 + self.time.seconds())
        house = House("mx.odisha.example", MX, self.gate, Doorman(), starttls=True)
        factory = SmtpFactory(house, ServerSettings(), Hop(), self.time)
        self.connection: SmtpConnection = factory.buildProtocol(None)
        self.connection.makeConnection(self.transport)

    def says(self, data: bytes) -> None:
        self.connection.dataReceived(data)

    def waits(self, seconds: int) -> None:
        self.time.pump([5.0] * (seconds // 5))

    @property
    def last(self) -> bytes:
        return self.transport.value().splitlines()[-1]


@pytest.fixture
def client(monkeypatch) -> Client:
    return Client(monkeypatch)


LATE, SLOW = b"421 4.4.2 timeout", b"421 4.4.2 message comes too slowly"
STAGES = [
    (b"", LATE),
    (b"EH", LATE),
    (b"EHLO a\r\n", LATE),
    (ENVELOPE, LATE),
    (ENVELOPE + b"DATA\r\n", SLOW),
    (ENVELOPE + b"DATA\r\nSubject: x\r\n\r\n.", SLOW),
    (ENVELOPE + b"BDAT 100\r\nSubj", SLOW),
    (ENVELOPE + b"BDAT 4\r\nSubj", SLOW),
]


@pytest.mark.parametrize(("stage", "told"), STAGES, ids=repr)
def test_who_falls_silent_is_let_go_after_five_minutes(client, stage, told):
    client.says(stage)
    client.waits(295)
    assert not client.transport.disconnecting
    client.waits(15)
    assert client.transport.disconnecting
    assert client.last == told
    client.says(b"\r\n.\r\n")  # too late
    assert client.gate.delivered == []


def test_who_drips_octets_without_ending_a_command_is_let_go_as_well(client):
    client.says(b"NOOP ")
    for _ in range(70):
        client.says(b"x")
        client.waits(5)
    assert client.transport.disconnecting


def test_a_message_that_comes_too_slowly_is_given_up_and_one_that_comes_steadily_is_not(client, monkeypatch):
    slow, steady = client, Client(monkeypatch)
    for each, octets in ((slow, 100 * 5), (steady, 600 * 5)):
        monkeypatch.setattr(clock, "monotonic", lambda each=each: 1000.0 + each.time.seconds())
        each.says(ENVELOPE + b"DATA\r\n")
        for _ in range(100):
            each.says(b"x" * (octets - 2) + b"\r\n")
            each.waits(5)
    assert slow.transport.disconnecting
    assert slow.last == SLOW
    assert not steady.transport.disconnecting
    steady.says(b".\r\n")
    assert [len(each.data) for each in steady.gate.delivered] == [300_000]


def test_who_comes_back_in_time_has_all_of_it_again(client):
    for _ in range(3):
        client.waits(290)
        client.says(b"NOOP\r\n")
    assert not client.transport.disconnecting
