"""The Twisted side with transports of memory and a clock we move: timers, back-pressure, limits."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from odcore import clock
from odcore.identity.presence import Presence
from odcore.later import Later
from odcore.net.client import GOODBYE, STALL
from odcore.net.clients import TICK
from odmail.imap.server import KEEPALIVE, ImapConnection, ImapService
from odmail.imap.settings import ImapSettings
from odtest.house import BIBHU, COLLECTOR, PASSWORD, SASMITA, TestHouse, letter


class SilentBus:
    """Nobody says anything."""

    def publish(self, message: object) -> None: ...

    def subscribe(self, kind: type, call: object) -> object:
        return lambda: None


class Socket(StringTransport):
    """A transport of memory that remembers how it was closed."""

    aborted = False

    def setTcpNoDelay(self, on: bool) -> None: ...

    def abortConnection(self) -> None:
        self.aborted = True


class Bench:
    """A service and the connections to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.world = TestHouse(folder, ImapSettings(max_per_address=3))
        self.clock = Clock()
        self.service = ImapService(self.world.house, SilentBus(), self.clock, None)

    def connect(self, *said: bytes) -> tuple[ImapConnection, Socket]:
        connection: ImapConnection = self.service.factory(secure=True).buildProtocol(None)
        socket = Socket()
        connection.makeConnection(socket)
        for line in said:
            connection.dataReceived(line + b"\r\n")
        return connection, socket

    def sign_in(self, *said: bytes) -> tuple[ImapConnection, Socket]:
        connection, socket = self.connect(b'a LOGIN sasmita.nayak "%b"' % PASSWORD.encode(), *said)
        socket.clear()
        return connection, socket


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.world.store.close()


def later(seconds: float) -> float:
    return clock.monotonic() + seconds


def test_an_idling_phone_is_kept_awake(bench: Bench) -> None:
    """A word every two minutes, and only while it idles."""
    connection, socket = bench.sign_in(b"b IDLE")
    socket.clear()
    connection.tick(later(KEEPALIVE - 1))
    assert socket.value() == b""
    connection.tick(later(KEEPALIVE + 1))
    assert socket.value() == b"* OK Still here\r\n"
    connection.dataReceived(b"DONE\r\n")
    socket.clear()
    connection.tick(later(3 * KEEPALIVE))
    assert socket.value() == b""


def test_long_work_is_told_of(bench: Bench) -> None:
    """RFC 9585: after ten seconds, whole lines between whole lines, and no more once it is done."""
    connection, socket = bench.sign_in(b"b SELECT INBOX")
    socket.clear()
    bench.world.held = []
    connection.dataReceived(b"c SEARCH ALL\r\n")
    connection.tick(later(9))
    assert socket.value() == b""
    connection.tick(later(11))
    assert socket.value() == b'* OK [INPROGRESS ("c" NIL NIL)] Still at work\r\n'
    while bench.world.held:
        bench.world.held.pop(0)()
    socket.clear()
    connection.tick(later(60))
    assert socket.value() == b""


def test_silence_ends_a_connection(bench: Bench) -> None:
    """A minute before sign-in, counted from the first octet whatever trickles in; half an hour after it."""
    stranger, socket = bench.connect()
    stranger.tick(later(59))
    assert b"BYE" not in socket.value()
    stranger.dataReceived(b"a")
    stranger.tick(later(61))
    assert socket.value().endswith(b"* BYE [UNAVAILABLE] Sign in sooner\r\n")
    assert socket.disconnecting
    known, socket = bench.sign_in()
    known.tick(later(1799))
    assert socket.value() == b""
    known.tick(later(1801))
    assert socket.value() == b"* BYE [UNAVAILABLE] Idle for too long\r\n"


def test_a_charge_that_ends_by_the_calendar_ends_sessions_in_the_posts_mailbox(bench: Bench) -> None:
    """Nothing changes in the directory then and nobody tells: those in the post's mailbox go, others stay."""
    bench.service.start()
    inside = bench.sign_in(b'b SELECT "Posts/collector.khordha/INBOX"', b"c IDLE")[1]
    elsewhere = bench.sign_in(b"b SELECT INBOX", b"c IDLE")[1]
    as_post = bench.connect(b'a LOGIN sasmita.nayak/collector.khordha "%b"' % PASSWORD.encode(), b"b NOOP")[1]
    bench.clock.advance(TICK)
    assert not any(socket.disconnecting for socket in (inside, elsewhere, as_post))
    bench.world.department.held = {SASMITA.id: [], BIBHU.id: [COLLECTOR]}
    assert TICK < 5
    bench.clock.advance(TICK)
    assert inside.value().endswith(b"* BYE [AUTHORIZATIONFAILED] Access has ended\r\n")
    assert [socket.disconnecting for socket in (inside, elsewhere, as_post)] == [True, False, True]


def test_a_slow_directory_is_asked_by_one_look_at_a_time(bench: Bench) -> None:
    """However many sessions there are and however often the clock strikes; away, it ends nobody."""
    asked = []
    bench.sign_in(b'b SELECT "Posts/collector.khordha/INBOX"')
    second = bench.sign_in(b'b SELECT "Posts/collector.khordha/INBOX"')[1]

    def call_later(function, /, *args):
        asked.append((Later(), lambda: function(*args)))
        return asked[-1][0]

    bench.service.house = msgspec.structs.replace(bench.service.house, call=call_later)
    bench.service.start()
    for _ in range(4):
        bench.clock.advance(TICK)
    assert len(asked) == 1
    bench.world.department.down = True
    asked[0][0].set(asked[0][1]())
    assert not second.disconnecting
    bench.clock.advance(TICK)
    assert len(asked) == 2


def test_who_does_not_read_is_dropped(bench: Bench) -> None:
    """A31: after a while without room in the socket, and soon once we said BYE."""
    connection, socket = bench.sign_in()
    connection.pauseProducing()
    connection.tick(later(STALL - 1))
    assert not socket.aborted
    connection.tick(later(STALL + 1))
    assert socket.aborted
    connection, socket = bench.sign_in(b"b LOGOUT")
    connection.tick(later(GOODBYE + 1))
    assert socket.aborted


def test_large_answers_wait_for_the_client(bench: Bench) -> None:
    """FETCH stops reading the store while the socket is full, and goes on where it was."""
    for number in range(400):
        bench.world.put(SASMITA.id, "INBOX", letter(number) + b"x" * 20_000)
    connection, socket = bench.sign_in(b"b SELECT INBOX")
    connection.pauseProducing()
    connection.dataReceived(b"c FETCH 1:* (BODY.PEEK[])\r\n")
    stuck = len(socket.value())
    assert stuck < 2_000_000
    for _ in range(40):
        connection.resumeProducing()
        connection.pauseProducing()
    connection.resumeProducing()
    assert len(socket.value()) > 8_000_000
    assert socket.value().endswith(b"c OK FETCH completed\r\n")


def test_a_hasty_client_is_held_back(bench: Bench) -> None:
    """While a command works, no more than a little is read; afterwards all is answered, in order."""
    connection, socket = bench.sign_in()
    pending: list[Later] = []

    def call_later(function, /, *args):
        pending.append(Later())
        return pending[-1]

    session = connection.session
    session.house = bench.world.house.__class__(
        **{name: getattr(session.house, name) for name in session.house.__struct_fields__} | {"call": call_later}
    )
    connection.dataReceived(b"b NAMESPACE\r\n")
    for number in range(30):
        if socket.producerState == "producing":
            connection.dataReceived(b"".join(b"n%d.%d NOOP\r\n" % (number, one) for one in range(1000)))
    assert socket.producerState == "paused"
    assert number > 5
    pending[0].set(())
    assert socket.producerState == "producing"
    assert socket.value().count(b"OK NOOP") >= 10_000


def test_a_client_that_leaves_leaves_nothing(bench: Bench) -> None:
    """Neither among the connections nor among those who watch a mailbox, nor in the count of its address."""
    for _ in range(10):
        connection, _socket = bench.sign_in(b"b SELECT INBOX", b"c IDLE")
        connection.connectionLost()
    assert not bench.service.connections
    assert not bench.world.watch._listeners


def test_half_a_message_leaves_nothing(bench: Bench) -> None:
    """What had come of an APPEND when the client left is deleted, in memory and on disk."""
    before = {path for path in bench.folder.rglob("*") if path.is_file()}
    connection, _socket = bench.sign_in(b"b APPEND INBOX {3000000+}", b"A: b\r\n\r\n" + b"x" * 2_000_000)
    during = {path for path in bench.folder.rglob("*") if path.is_file()}
    connection.connectionLost()
    after = {path for path in bench.folder.rglob("*") if path.is_file()}
    assert during - before
    assert {path.name for path in after} <= {path.name for path in before} | {
        "mail.sqlite",
        "mail.sqlite-wal",
        "mail.sqlite-shm",
    }


def test_one_address_has_so_many_connections(bench: Bench) -> None:
    """And the next is told why."""
    held = [bench.connect() for _ in range(3)]
    _, socket = bench.connect()
    assert socket.value() == b"* BYE [LIMIT] Too many connections\r\n"
    held[0][0].connectionLost()
    _, socket = bench.connect()
    assert socket.value().startswith(b"* OK")


def test_shutdown_says_bye_to_all(bench: Bench) -> None:
    """P18."""
    sockets = [bench.sign_in(b"b IDLE")[1], bench.connect()[1]]
    bench.service.stop()
    assert all(socket.value().endswith(b"* BYE [UNAVAILABLE] Server is shutting down\r\n") for socket in sockets)
    assert all(socket.disconnecting for socket in sockets)


def test_an_account_has_so_many_sessions_and_who_leaves_makes_room(bench: Bench) -> None:
    """One too many is told why, and is no failed sign-in."""
    presence = Presence(2)
    bench.service.house = msgspec.structs.replace(bench.world.house, presence=presence)
    first, _ = bench.sign_in()
    bench.sign_in()
    third, socket = bench.connect(b'a LOGIN sasmita.nayak "%b"' % PASSWORD.encode())
    assert b"a NO [LIMIT] Too many open sessions" in socket.value()
    first.connectionLost()
    socket.clear()
    third.dataReceived(b'b LOGIN sasmita.nayak "%b"\r\n' % PASSWORD.encode())
    assert b"b OK" in socket.value()
