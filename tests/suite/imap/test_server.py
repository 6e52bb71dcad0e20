"""The IMAP service on real sockets, in a process of its own, driven by clients nobody here wrote."""

import contextlib
import imaplib
import json
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from imapclient import IMAPClient

from odtest.house import PASSWORD, letter

WAIT = 10


class Node:
    """The process under test."""

    def __init__(self, folder: Path, **settings: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "odtest.imap_node", str(folder), json.dumps(settings)],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.facts = self._read()
        self.tls = ssl.create_default_context(cafile=self.facts["ca"])

    def _read(self) -> dict:
        while not (line := self._process.stdout.readline()).startswith("{"):
            assert line, "the process ended"
        return json.loads(line)

    def tell(self, event: str) -> None:
        self._process.stdin.write(event + "\n")
        self._process.stdin.flush()

    def ask(self, event: str) -> dict:
        self.tell(event)
        return self._read()

    def raw(self, port: str = "imap") -> socket.socket:
        """A socket that has read the greeting."""
        sock = socket.create_connection(("127.0.0.1", self.facts[port]), timeout=WAIT)
        assert sock.recv(4096).startswith(b"* OK")
        return sock

    def client(self) -> IMAPClient:
        """Signed in over implicit TLS."""
        client = IMAPClient("localhost", self.facts["imaps"], ssl_context=self.tls, timeout=WAIT)
        client.login("sasmita.nayak", PASSWORD)
        return client

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(WAIT)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """One for all tests that leave it as it was, each with a mailbox of its own."""
    with contextlib.closing(Node(tmp_path_factory.mktemp("node"))) as running:
        yield running


@pytest.fixture
def doomed(tmp_path: Path) -> Iterator[Node]:
    """One whose people or whose life the test changes."""
    with contextlib.closing(Node(tmp_path)) as running:
        yield running


def until(sock: socket.socket, token: bytes) -> bytes:
    """Everything up to and with `token`."""
    got = b""
    while token not in got:
        data = sock.recv(65536)
        assert data, got
        got += data
    return got


def to_the_end(sock: socket.socket) -> bytes:
    """Everything until the server hangs up."""
    got = b""
    with contextlib.suppress(ConnectionResetError):
        while data := sock.recv(65536):
            got += data
    return got


def test_a_client_may_change_its_keys_and_have_us_change_ours(node: Node):
    """RFC 8446 4.6.3, as `openssl s_client` does it: K asks for ours, too."""
    argv = [
        "openssl",
        "s_client",
        "-connect",
        f"127.0.0.1:{node.facts['imaps']}",
        "-tls1_3",
        "-CAfile",
        node.facts["ca"],
    ]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as client:
        for asked, answered in (
            (b"", b"* OK"),
            (b"a NOOP", b"a OK"),
            (b"K", b"KEYUPDATE"),
            (b"b NOOP", b"b OK"),
            (b"k", b"KEYUPDATE"),
            (b"c NOOP", b"c OK"),
            (b"d LOGOUT", b"d OK"),
        ):
            client.stdin.write(asked + b"\n")
            client.stdin.flush()
            while answered not in (line := client.stdout.readline()):
                assert line, f"no {answered!r}"


def test_imaplib_over_starttls(node: Node) -> None:
    """The standard library's client signs in after STARTTLS, appends, fetches and lists."""
    client = imaplib.IMAP4("localhost", node.facts["imap"], timeout=WAIT)
    client.starttls(node.tls)
    assert client.login("sasmita.nayak", PASSWORD)[0] == "OK"
    client.create("imaplib")
    assert client.append("imaplib", r"(\Seen)", imaplib.Time2Internaldate(1_770_000_000), letter(1))[0] == "OK"
    assert client.select("imaplib") == ("OK", [b"1"])
    assert client.fetch("1", "(BODY.PEEK[])")[1][0][1] == letter(1)
    assert client.list()[0] == "OK"
    client.logout()


def test_idle_hears_of_another_session(node: Node) -> None:
    """What one connection appends reaches another that idles."""
    watching, writing = node.client(), node.client()
    watching.create_folder("idle")
    watching.select_folder("idle")
    watching.idle()
    writing.append("idle", letter(1))
    assert watching.idle_check(timeout=WAIT) == [(1, b"EXISTS")]
    watching.idle_done()


def test_large_message_comes_back(node: Node) -> None:
    """25 MiB through APPEND and FETCH, octet for octet."""
    client = node.client()
    message = letter(1) + b"".join(b"%075d\r\n" % number for number in range(25 * 1024 * 1024 // 77))
    client.create_folder("large")
    client.append("large", message)
    client.select_folder("large")
    assert client.fetch([1], ["BODY.PEEK[]"])[1][b"BODY[]"] == message


def test_commands_in_one_packet_are_answered_in_order(node: Node) -> None:
    """Pipelining, as phones do it."""
    sock = node.raw("trusted")
    sock.sendall(b'a LOGIN sasmita.nayak "open sesame"\r\nb SELECT INBOX\r\nc NOOP\r\nd LIST "" *\r\ne LOGOUT\r\n')
    lines = to_the_end(sock).split(b"\r\n")
    assert [line[:4] for line in lines if line[:1].islower()] == [b"a OK", b"b OK", b"c OK", b"d OK", b"e OK"]


def test_what_follows_starttls_in_the_clear_is_never_obeyed(node: Node) -> None:
    """A3: commands injected before the handshake get no answer, before or after it."""
    sock = node.raw()
    sock.sendall(b"a STARTTLS\r\nb NOOP\r\nc LOGOUT\r\n")
    assert until(sock, b"a OK").count(b"\r\n") == 1
    inside = node.tls.wrap_socket(sock, server_hostname="localhost")
    inside.sendall(b"d NOOP\r\n")
    assert until(inside, b"\r\n") == b"d OK NOOP completed\r\n"


def test_what_comes_instead_of_a_handshake_ends_the_connection(node: Node) -> None:
    """A3, in a segment of its own."""
    sock = node.raw()
    sock.sendall(b"a STARTTLS\r\n")
    until(sock, b"a OK")
    sock.sendall(b"b NOOP\r\n")
    assert b"b OK" not in to_the_end(sock)


def test_handover_ends_the_old_holders_connections(doomed: Node) -> None:
    """Within five seconds, with BYE."""
    sock = doomed.raw("trusted")
    sock.settimeout(5)
    sock.sendall(b'a LOGIN sasmita.nayak "open sesame"\r\nb SELECT Posts/collector.khordha/INBOX\r\nc IDLE\r\n')
    until(sock, b"+ idling")
    doomed.tell("handover")
    assert b"* BYE [AUTHORIZATIONFAILED]" in to_the_end(sock)


def test_shutdown_says_bye(doomed: Node) -> None:
    """P18."""
    sock = doomed.raw()
    doomed.tell("stop")
    assert b"* BYE" in to_the_end(sock)


@pytest.mark.parametrize(
    "rubbish",
    [
        b"a LOGIN {2147483648}\r\n",
        b"a LOGIN {2147483648+}\r\n",
        b"a LOGIN {99999999999999999999999}\r\n",
        b"x" * 1_048_576,
        b"\0\xff" * 5000 + b"\r\n",
        b"a " + b"(" * 100_000 + b"\r\n",
    ],
    ids=["2GiB", "2GiB+", "more", "1MiB line", "garbage", "parentheses"],
)
def test_rubbish_before_sign_in_is_refused(node: Node, rubbish: bytes) -> None:
    """A21, A22: an answer at once, and the service lives on."""
    sock = node.raw()
    with contextlib.suppress(OSError):
        sock.sendall(rubbish)
    with contextlib.suppress(OSError):
        assert b"BAD" in sock.recv(4096)
    assert node.raw("trusted")


def test_many_silent_connections_cost_little(node: Node) -> None:
    """Under 20 KiB each, and the service answers as before."""
    before = node.ask("rss")
    silent = [node.raw("trusted") for _ in range(150)]
    after = node.ask("rss")
    assert (after["pss"] - before["pss"]) / len(silent) < 20
    assert node.raw("trusted")
    for sock in silent:
        sock.close()


def test_a_client_that_does_not_read_holds_up_only_itself(node: Node) -> None:
    """Megabytes are asked for and left lying: the server keeps a little of them and serves the others."""
    client = node.client()
    client.create_folder("deaf")
    client.append("deaf", letter(1) + b"x" * 2_000_000)
    before = node.ask("rss")["pss"]
    sock = node.raw("trusted")
    sock.sendall(b'a LOGIN sasmita.nayak "open sesame"\r\nb EXAMINE deaf\r\n')
    until(sock, b"b OK")
    sock.sendall(b"".join(b"n%d FETCH 1 (BODY.PEEK[])\r\n" % number for number in range(40)))
    assert client.noop()
    assert node.ask("rss")["pss"] - before < 16 * 1024
    total, tail = 0, b""
    while b"n39 OK" not in tail:
        data = sock.recv(1 << 20)
        assert data
        total += len(data)
        tail = (tail + data)[-200:]
    assert total > 80_000_000


def test_too_many_connections_from_one_address_are_told(tmp_path: Path) -> None:
    """BYE with a reason; when one leaves there is room again."""
    with contextlib.closing(Node(tmp_path, max_per_address=2)) as node:
        first, _second = node.raw(), node.raw()
        third = socket.create_connection(("127.0.0.1", node.facts["imap"]), timeout=WAIT)
        assert to_the_end(third).startswith(b"* BYE [LIMIT]")
        first.sendall(b"a LOGOUT\r\n")
        to_the_end(first)
        assert node.raw()
