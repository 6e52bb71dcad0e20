"""The Twisted side with transports of memory and a clock we move: silence, limits, access that ends."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from odcore import clock
from odcore.errors import Fault
from odcore.identity.presence import Presence
from odcore.net.listen import Admission
from odmail.pop3.ports import House
from odmail.pop3.server import AUTOLOGOUT, LOGIN, Pop3Connection, Pop3Service
from odtest.house import PASSWORD, SASMITA, TestHouse, letter

SIGN_IN = f"USER sasmita.nayak\r\nPASS {PASSWORD}\r\n".encode()


class Socket(StringTransport):
    """A transport of memory."""

    def setTcpNoDelay(self, on: bool) -> None: ...

    def setTcpKeepAlive(self, on: bool) -> None: ...


class Bench:
    """A service and the connections to it."""

    def __init__(self, folder: Path) -> None:
        self.world = TestHouse(folder)
        self.clock = Clock()
        self.presence = Presence(1)
        house = House(self.world.department, self.world.open, self.world.call, self.presence)
        self.service = Pop3Service(house, self.clock, None, Admission(10, 2))

    def connect(self, said: bytes = b"") -> tuple[Pop3Connection, Socket]:
        connection: Pop3Connection = self.service.factory(secure=True).buildProtocol(None)
        socket = Socket()
        connection.makeConnection(socket)
        if said:
            connection.dataReceived(said)
        return connection, socket


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.world.store.close()


def test_silence_ends_a_session_and_deletes_nothing(bench: Bench) -> None:
    """RFC 1939 3: at least ten minutes, and no UPDATE."""
    bench.world.put(SASMITA.id, "INBOX", letter(1))
    stranger, socket = bench.connect()
    stranger.tick(clock.monotonic() + LOGIN + 1)
    assert socket.disconnecting
    stranger.connectionLost()
    client, socket = bench.connect(SIGN_IN + b"DELE 1\r\n")
    client.tick(clock.monotonic() + AUTOLOGOUT - 1)
    assert not socket.disconnecting
    client.tick(clock.monotonic() + AUTOLOGOUT + 1)
    assert socket.value().endswith(b"-ERR [SYS/TEMP] silent for too long\r\n")
    assert socket.disconnecting
    client.connectionLost()
    assert bench.connect(SIGN_IN)[1].value().endswith(b"+OK 1 messages (196 octets)\r\n")


def test_who_may_not_go_on_is_shown_out(bench: Bench) -> None:
    """`odcore.net.standing` asks who is here, and says when."""
    connection, socket = bench.connect()
    assert connection.principal is None
    connection.dataReceived(SIGN_IN)
    assert connection.principal is not None
    connection.show_out()
    assert socket.value().endswith(b"-ERR [AUTH] access has ended\r\n")
    assert socket.disconnecting


def test_an_account_has_only_so_many_sessions_whatever_they_speak(bench: Bench) -> None:
    bench.presence.enter(SASMITA.id)
    client, socket = bench.connect(SIGN_IN)
    assert b"-ERR [LOGIN-DELAY] Too many open sessions" in socket.value()
    bench.presence.leave(SASMITA.id)
    client.dataReceived(SIGN_IN)
    assert socket.value().endswith(b"+OK 0 messages (0 octets)\r\n")
    with pytest.raises(Fault, match="Too many"):
        bench.presence.enter(SASMITA.id)
    client.connectionLost()
    bench.presence.enter(SASMITA.id)


def test_too_many_connections_are_turned_away(bench: Bench) -> None:
    """Each with a word."""
    kept = [bench.connect() for _ in range(2)]
    assert bench.connect()[1].value() == b"-ERR [SYS/TEMP] too many connections\r\n"
    kept[0][0].connectionLost()
    assert bench.connect()[1].value() == b"+OK odmail ready\r\n"


def test_a_stop_is_told(bench: Bench) -> None:
    """And nobody comes in any more."""
    socket = bench.connect(SIGN_IN)[1]
    bench.service.stop()
    assert socket.value().endswith(b"-ERR [SYS/TEMP] the server is shutting down\r\n")
    assert bench.connect()[1].disconnecting
