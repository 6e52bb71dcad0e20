"""Very many connections that say nothing, on every port: who else is served, and what is kept of them: A18."""

import contextlib
import resource
import ssl
from collections.abc import Iterator

import pytest

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
