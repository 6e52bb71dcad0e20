"""TLS on the socket itself: what a client sends and is sent, in whatever pieces, and every way it can end."""

import contextlib
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.internet.interfaces import IHalfCloseableProtocol, IHandshakeListener, IPushProducer
from twisted.internet.protocol import Factory, Protocol
from zope.interface import implementer

from odcore import clock
from odcore.net.client import GOODBYE, HANDSHAKE, ClientConnection
from odcore.net.listen import Admission
from odcore.net.reactor import PromptReactor
from odcore.net.tls import KeyPair, ServerTls, channel_of
from odsuite import certs
from odtest.listening import listen

TURNS = 4_000  # what needs more hangs
MOMENT = 0.005  # seconds a turn may wait for something to happen


@implementer(IHalfCloseableProtocol, IHandshakeListener, IPushProducer)
class Served(Protocol):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.heard, self.told = b"", []
        self.greeting = b""
        self.paused = self.closes = False

    def connectionMade(self):
        if self.greeting:
            self.transport.write(self.greeting)
        if self.closes:
            self.transport.loseConnection()

    def handshakeCompleted(self):
        self.told.append("handshake")

    def dataReceived(self, data):
        self.heard += data

    def readConnectionLost(self):
        self.told.append("read lost")

    def writeConnectionLost(self):
        """Never."""

    def connectionLost(self, reason=None):
        self.told.append("lost")

    def pauseProducing(self):
        self.paused = True

    def resumeProducing(self):
        self.paused = False

    def stopProducing(self):
        self.paused = True


class Bench:
    """A server and its event loop, turned by hand."""

    def __init__(self, folder: Path) -> None:
        self.context = ssl.create_default_context(cafile=certs.ensure(folder, ["localhost"]))
        self.tls = ServerTls([KeyPair(folder / "server.pem", folder / "server.key")])
        self.reactor = PromptReactor()
        self.next = Served()
        factory = Factory()
        factory.buildProtocol = lambda _addr: self.next
        self._ports = [listen(self.reactor, factory, self.tls), listen(self.reactor, factory)]

    def until(self, holds) -> None:
        for _ in range(TURNS):
            if holds():
                return
            self.reactor.iterate(MOMENT)
        raise AssertionError("it never came true")

    @contextlib.contextmanager
    def client(self, served: Served | None = None, *, plain: bool = False) -> Iterator["Client"]:
        self.next = served or Served()
        with socket.create_connection(("127.0.0.1", self._ports[plain].getHost().port)) as sock:
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
            yield Client(self, sock, self.next)
        self.next.transport.abortConnection()
        self.until(lambda: "lost" in self.next.told)


class Client:
    """Its TLS is between memory buffers, so that a test can cut its octets anywhere."""

    def __init__(self, bench: Bench, sock: socket.socket, served: Served) -> None:
        self.bench, self.sock, self.served = bench, sock, served
        self.wire = b""  # what came
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = bench.context.wrap_bio(self._in, self._out, server_hostname="localhost")

    def pull(self) -> bool:
        """What has come goes into TLS. False at the end."""
        self.bench.reactor.iterate(0)
        try:
            data = self.sock.recv(1 << 18)
        except BlockingIOError:
            self.bench.reactor.iterate(MOMENT)
        else:
            self.wire += data if len(self.wire) < 1 << 16 else b""
            if not data:
                self._in.write_eof()
                return False
            self._in.write(data)
        return True

    def send(self, data: bytes) -> None:
        """As they are, while the server reads."""
        while data:
            try:
                data = data[self.sock.send(data) :]
            except BlockingIOError:
                self.bench.reactor.iterate(MOMENT)

    def shake_hands(self) -> "Client":
        for _ in range(TURNS):
            with contextlib.suppress(ssl.SSLWantReadError):
                self._tls.do_handshake()
                break
            self.send(self._out.read())
            self.pull()
        self.send(self._out.read())
        self.bench.until(lambda: "handshake" in self.served.told)
        return self

    def octets(self, data: bytes) -> bytes:
        """`data` as records."""
        self._tls.write(data)
        return self._out.read()

    def farewell(self) -> bytes:
        """close_notify as a record."""
        with contextlib.suppress(ssl.SSLWantReadError):
            self._tls.unwrap()
        return self._out.read()

    def read(self, size: int) -> bytes:
        """So many octets of the server's."""
        got = []
        while size:
            try:
                got.append(self._tls.read(size))
                size -= len(got[-1])
            except ssl.SSLWantReadError:
                assert self.pull(), "it ended early"
        return b"".join(got)

    def is_at_end(self) -> bool:
        """Did the server say, within TLS, that it has said all?"""
        for _ in range(TURNS):
            try:
                return self._tls.read(1) == b""
            except ssl.SSLZeroReturnError:
                return True
            except ssl.SSLEOFError:
                return False
            except ssl.SSLWantReadError:
                self.pull()
        raise AssertionError("no end")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("bench"))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    said=st.lists(st.sampled_from([1, 2, 80, 16383, 16384, 16385, 70_000]), min_size=1, max_size=4),
    cuts=st.lists(st.integers(1, 30) | st.integers(1, 20_000), max_size=40),
)
def test_what_either_side_says_comes_whole_however_it_is_cut(bench: Bench, said: list[int], cuts: list[int]):
    with bench.client() as client:
        client.shake_hands()
        text = b"".join(bytes([65 + number]) * size for number, size in enumerate(said))
        wire = client.octets(text)
        for cut in (*cuts, len(wire)):
            client.send(wire[:cut])
            wire = wire[cut:]
            bench.reactor.iterate(0)
        bench.until(lambda: len(client.served.heard) == len(text))
        assert client.served.heard == text
        for size in said:
            client.served.transport.write(bytes(size))
        assert client.read(sum(said)) == bytes(sum(said))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["write", "sequence", "read", "turn"]), st.integers(1, 70) | st.integers(1, 200_000)),
        max_size=15,
    )
)
def test_answers_come_in_their_order_however_slowly_they_are_read(bench: Bench, steps: list[tuple[str, int]]):
    with bench.client() as client:
        client.shake_hands()
        client.served.transport.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
        written = got = b""
        for number, (step, size) in enumerate(steps):
            text = bytes([number]) * size
            if step == "write":
                client.served.transport.write(text)
                written += text
            elif step == "sequence":
                client.served.transport.writeSequence([text, b"\r\n"])
                written += text + b"\r\n"
            elif step == "read":
                got += client.read(min(size, len(written) - len(got)))
            else:
                bench.reactor.iterate(0)
        client.served.transport.loseConnection()
        got += client.read(len(written) - len(got))
        assert got == written
        assert client.is_at_end()


def test_what_is_written_in_one_turn_is_one_record(bench: Bench):
    with bench.client() as client:
        client.shake_hands()
        client.served.transport.write(b"!")
        client.read(1)  # and behind it what belongs to the handshake
        client.wire = b""
        for word in (b"* 1 EXISTS\r\n", b"* 0 RECENT\r\n", b"a OK\r\n"):
            client.served.transport.write(word)
        assert client.read(30) == b"* 1 EXISTS\r\n* 0 RECENT\r\na OK\r\n"
        assert client.wire[0] == 23
        assert len(client.wire) == 5 + int.from_bytes(client.wire[3:5], "big")


@pytest.mark.parametrize("end", ["close_notify", "close_notify and FIN", "FIN", "FIN within a record"])
def test_who_has_said_all_still_gets_what_is_answered_later(bench: Bench, end: str):
    """RFC 8446 6.1; and FIN alone, which RFC 8446 does not like, ends a line protocol as well."""
    with bench.client() as client:
        client.shake_hands()
        last = client.octets(b"a LOGOUT\r\n")
        if end.startswith("close_notify"):
            last += client.farewell()
        if end == "FIN within a record":
            last += client.octets(b"b HALF\r\n")[:-3]
        client.send(last)
        if "FIN" in end:
            client.sock.shutdown(socket.SHUT_WR)
        bench.until(lambda: "read lost" in client.served.told)
        assert client.served.heard == b"a LOGOUT\r\n"
        for _ in range(5):
            bench.reactor.iterate(0)
        client.served.transport.write(b"a OK\r\n")
        assert client.read(6) == b"a OK\r\n"
        client.served.transport.loseConnection()
        assert client.is_at_end()
        bench.until(lambda: "lost" in client.served.told)
        assert client.served.told == ["handshake", "read lost", "lost"]


def test_what_was_written_goes_out_before_the_end_and_nothing_after_it(bench: Bench):
    with bench.client() as client:
        client.shake_hands()
        client.served.transport.write(b"x" * (12 << 20))
        client.served.transport.loseConnection()
        client.served.transport.write(b"too late")
        client.send(client.octets(b"NOOP\r\n") + client.farewell())
        assert client.read(12 << 20) == b"x" * (12 << 20)
        assert client.is_at_end()


def test_an_end_is_waited_for_until_somebody_loses_patience(bench: Bench):
    """Who does not close is still there, is not listened to, and can be cut off."""
    with bench.client() as client:
        client.shake_hands()
        client.served.transport.loseConnection()
        assert client.is_at_end()
        client.send(client.octets(b"NOOP\r\n"))
        for _ in range(5):
            bench.reactor.iterate(0)
        assert client.served.told == ["handshake"]
        assert client.served.heard == b""
        client.served.transport.abortConnection()
        bench.until(lambda: "lost" in client.served.told)


@pytest.mark.parametrize("by_us", [True, False])
def test_a_connection_ends_in_the_middle_of_a_long_answer(bench: Bench, by_us: bool):
    with bench.client() as client:
        client.shake_hands()
        client.served.transport.write(b"x" * (12 << 20))
        bench.reactor.iterate(0)
        (client.served.transport.abortConnection if by_us else client.sock.close)()
        bench.until(lambda: "lost" in client.served.told)


def test_what_a_slow_reader_leaves_does_not_heap_up(bench: Bench):
    """100 MiB, of which little more than 64 KiB waits here at any time."""
    with bench.client() as client:
        client.shake_hands()
        transport = client.served.transport
        transport.registerProducer(client.served, True)
        sent = most = got = 0
        while got < 100 << 20:
            while not client.served.paused and sent < 100 << 20:
                transport.write(bytes(1 << 16))
                sent += 1 << 16
                most = max(most, len(transport.dataBuffer) + transport._tempDataLen)
            got += len(client.read(1 << 18))
        assert got == sent
        assert most < 3 << 16
        transport.unregisterProducer()


def test_garbage_instead_of_a_handshake_is_the_end(bench: Bench):
    with bench.client() as client:
        client.send(b"a NOOP\r\n" * 10)
        bench.until(lambda: "lost" in client.served.told)
        assert client.served.told == ["lost"]
        assert client.served.heard == b""


@pytest.mark.parametrize("octets", [b"", b"\x16\x03\x01\x02\x00\x01"])
def test_a_client_that_goes_before_the_handshake_is_let_go(bench: Bench, octets: bytes):
    with bench.client() as client:
        client.send(octets)
        client.sock.shutdown(socket.SHUT_WR)
        bench.until(lambda: "lost" in client.served.told)


def test_who_is_turned_away_is_told_so_once_tls_stands(bench: Bench):
    busy = Served()
    busy.greeting, busy.closes = b"* BYE too many\r\n", True
    with bench.client(busy) as client:
        client.shake_hands()
        assert client.read(16) == b"* BYE too many\r\n"
        assert client.is_at_end()


def test_with_nothing_to_say_it_does_not_wait_for_a_handshake(bench: Bench):
    mute = Served()
    mute.closes = True
    with bench.client(mute):
        bench.until(lambda: "lost" in mute.told)


def test_starttls_waits_for_what_was_written_before_it(bench: Bench):
    """A client that does not read yet gets all of it as it is, and TLS behind it."""
    with bench.client(plain=True) as client:
        bench.until(lambda: client.served.transport is not None)
        bench.reactor.iterate(0)
        before = b"+" * (8 << 20)
        client.served.transport.write(before)
        client.served.transport.startTLS(bench.tls)
        client.send(b"injected\r\n")
        got = b""
        for _ in range(TURNS):
            bench.reactor.iterate(MOMENT)
            with contextlib.suppress(BlockingIOError):
                got += client.sock.recv(1 << 20)
            if len(got) >= len(before):
                break
        assert got == before
        bench.until(lambda: "lost" in client.served.told)
        assert client.served.heard == b""


def test_tls_begins_on_a_plain_connection(bench: Bench):
    with bench.client(plain=True) as client:
        bench.until(lambda: client.served.transport is not None)
        client.served.transport.startTLS(bench.tls)
        client.shake_hands()
        assert "tls-exporter" in channel_of(client.served.transport).bindings
        client.served.transport.write(b"safe")
        assert client.read(4) == b"safe"


def test_only_so_much_patience_is_had_with_a_handshake():
    """HANDSHAKE seconds; after that nobody waits for TLS to stand."""
    connection = ClientConnection(Admission(1, 1), None, set(), True)
    cut = []
    connection.transport = type("Transport", (), {"abortConnection": lambda _self: cut.append(True)})()
    now = clock.monotonic()
    connection.tick(now + HANDSHAKE - 1)
    assert not cut
    connection.tick(now + HANDSHAKE + GOODBYE)
    assert cut
