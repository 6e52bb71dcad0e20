"""Very many connections that say nothing, on every port: who else is served, and what is kept of them: A18."""

import base64
import contextlib
import resource
import socket
import ssl
from collections.abc import Iterator

import pytest
from OpenSSL import SSL

from odtest.daemon import Daemon, until
from odtest.wire import Wire, serves, siege


@pytest.fixture
def besieged(house: Daemon) -> Iterator[Daemon]:
    """The suite, which must bear with what the test does, and serve afterwards."""
    with siege(house):
        yield house


@pytest.fixture
def many_files() -> Iterator[None]:
    """Room for this process's thousand sockets."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, before[1]), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.usefixtures("many_files")
@pytest.mark.parametrize("service", ["mx", "submissions", "imap", "imaps"])
def test_a_thousand_connections_that_say_nothing_keep_nobody_else_out(besieged: Daemon, service: str):
    """Those above the limit for one address are told so."""
    refusal = b"* BYE [LIMIT]" if service == "imap" else b"421 4.7.0 too many connections"
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(Silent(besieged, service)) for _ in range(1000)]
        serves(besieged, "127.0.0.2")
        if service in ("mx", "imap"):
            greetings = [client.line() for client in silent]
            refused = [line for line in greetings if line.startswith(refusal)]
            assert len(refused) >= 1000 - 2 * (30 if service == "mx" else 200)
            assert len(refused) < 1000
            assert all(line.startswith((refusal, b"220 ", b"* OK")) for line in greetings)
    until(lambda: welcome(besieged, service), "they are forgotten")


@pytest.mark.usefixtures("many_files")
def test_who_is_turned_away_before_the_handshake_is_not_kept(besieged: Daemon):
    """In TLS the refusal can only be said after a handshake, which need never come."""
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(Silent(besieged, "submissions")) for _ in range(200)]
        silent += [stack.enter_context(Silent(besieged, "imaps")) for _ in range(600)]
        until(lambda: sum(client.is_cut_off() for client in silent) >= 200 - 2 * 30 + 600 - 2 * 200, "they are cut off")


class Silent(Wire):
    """Connects, and that is all."""

    def __init__(self, house: Daemon, service: str) -> None:
        super().__init__(house, service, address="127.0.0.3", read=False)

    def tls(self) -> None:
        """Not even a handshake."""

    def is_cut_off(self) -> bool:
        """By the server."""
        self.socket.setblocking(False)
        try:
            return self.socket.recv(100) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True


def welcome(house: Daemon, service: str) -> bool:
    """Does the address of the thousand get in again?"""
    with contextlib.suppress(ssl.SSLError, OSError), Wire(house, service, address="127.0.0.3") as client:
        return client.greeting.startswith((b"220", b"* OK"))
    return False


LAST_WORDS = {
    "imaps": ('a LOGIN {login} "{password}"\r\nb SELECT INBOX\r\nc LOGOUT\r\n', b"c OK"),
    "pop3s": ("USER {login}\r\nPASS {password}\r\nSTAT\r\nQUIT\r\n", b"+OK good-bye"),
    "managesieve": ('AUTHENTICATE "PLAIN" "{plain}"\r\nLISTSCRIPTS\r\nLOGOUT\r\n', b'OK "Good-bye"'),
    "submissions": ("EHLO a.example\r\nAUTH PLAIN {plain}\r\nNOOP\r\nQUIT\r\n", b"221 "),
}


@pytest.mark.parametrize("service", LAST_WORDS)
def test_who_has_said_all_and_closes_that_side_of_tls_gets_every_reply(house: Daemon, service: str):
    """RFC 8446 6.1: close_notify is about one direction. Exim sends it behind QUIT."""
    login, password = "mamata.jena@odisha.example", house.people["mamata.jena@odisha.example"].password
    plain = base64.b64encode(f"\0{login}\0{password}".encode()).decode()
    words, last = LAST_WORDS[service]
    with socket.create_connection(("127.0.0.1", house.ports[service]), 30) as raw:
        if service == "managesieve":
            until(lambda: raw.recv(4096).endswith(b"OK\r\n") or True, "greeting")
            raw.sendall(b"STARTTLS\r\n")
            raw.recv(4096)
        raw.settimeout(None)
        client = SSL.Connection(SSL.Context(SSL.TLS_CLIENT_METHOD), raw)
        client.set_connect_state()
        client.sendall(words.format(login=login, password=password, plain=plain).encode())
        assert not client.shutdown()
        said = b"".join(iter(lambda: heard(client), b""))
    assert last in said.splitlines()[-1], said


def heard(client: SSL.Connection) -> bytes:
    """What comes next; nothing once the other side has said all, too."""
    try:
        return client.recv(1 << 16)
    except SSL.ZeroReturnError:
        return b""
