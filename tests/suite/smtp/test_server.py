"""The SMTP server over real sockets and real TLS, by clients of the standard library."""

import json
import os
import smtplib
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    folder = tmp_path_factory.mktemp("smtp")
    command = [sys.executable, "-m", "odtest.smtp_node", str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as node:
        assert node.stdin
        assert node.stdout
        found: dict[str, int] = json.loads(node.stdout.readline())
        yield found
        node.stdin.close()
        node.wait(10)


def context() -> ssl.SSLContext:
    made = ssl.create_default_context()
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    return made


def connect(port: int) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), timeout=10)
    assert made.recv(4096).startswith(b"220 ")
    return made


def rest(connection: socket.socket) -> bytes:
    said = b""
    while piece := connection.recv(65536):
        said += piece
    return said


def test_injection_in_the_segment_of_starttls(ports: dict[str, int]) -> None:
    """A3: nothing of it is executed; the session ends without a handshake."""
    with connect(ports["mx"]) as raw:
        raw.sendall(b"EHLO a\r\nSTARTTLS\r\nMAIL FROM:<inj@x.example>\r\nRCPT TO:<sasmita@odisha.example>\r\n")
        said = rest(raw)
    assert b"\r\n421 4.5.0" in said
    assert b"220 2.0.0" not in said
    assert b"250 2.1.0" not in said


def test_injection_before_the_handshake(ports: dict[str, int]) -> None:
    """A3: octets between STARTTLS and the handshake are no TLS, so there is no session left to inject into."""
    with connect(ports["mx"]) as raw:
        raw.sendall(b"STARTTLS\r\n")
        assert raw.recv(4096).startswith(b"220 2.0.0")
        raw.sendall(b"MAIL FROM:<inj@x.example>\r\n")
        assert b"250" not in rest(raw)


def test_tls_begins_anew(ports: dict[str, int]) -> None:
    """P21: what was said in the clear counts for nothing inside TLS, where EHLO comes first."""
    with connect(ports["mx"]) as raw:
        raw.sendall(b"EHLO a\r\n")
        assert b"STARTTLS\r\n" in raw.recv(4096)
        raw.sendall(b"STARTTLS\r\n")
        assert raw.recv(4096).startswith(b"220 2.0.0")
        with context().wrap_socket(raw) as tls:
            tls.sendall(b"MAIL FROM:<a@b.example>\r\n")
            assert tls.recv(4096).startswith(b"503 5.5.1")


@pytest.mark.parametrize("service", ["submission", "submissions"])
def test_submission(ports: dict[str, int], service: str) -> None:
    """P20: sign-in and a message of 8 MiB by STARTTLS and by implicit TLS."""
    made = (
        smtplib.SMTP_SSL("127.0.0.1", ports[service], context=context())
        if service == "submissions"
        else smtplib.SMTP("127.0.0.1", ports[service])
    )
    with made as client:
        if service == "submission":
            client.starttls(context=context())
        client.login("sasmita", "secret")
        body = b"Subject: big\r\n\r\n" + b".leading dot\r\n" * 600_000
        assert client.sendmail("sasmita@odisha.example", ["x@elsewhere.example"], body) == {}


def test_tls_cut_in_the_middle_of_a_chunk(ports: dict[str, int]) -> None:
    """A5: close_notify inside BDAT, then octets in the clear: no transaction, no session."""
    with connect(ports["mx"]) as raw:
        raw.sendall(b"STARTTLS\r\n")
        raw.recv(4096)
        tls = context().wrap_socket(raw, suppress_ragged_eofs=True)
        tls.sendall(b"EHLO a\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<sasmita@odisha.example>\r\nBDAT 100\r\nhalf")
        while b"2.1.5" not in tls.recv(4096):
            pass
        try:
            clear = tls.unwrap()
            clear.sendall(b"x" * 96 + b"NOOP\r\n")
            assert b"250" not in clear.recv(4096)
        except OSError:
            pass  # cut off before, or in the middle of, saying good-bye: just as well


def test_connections_of_one_address(ports: dict[str, int]) -> None:
    """The ninth is told to come back; when one leaves there is room again."""
    held = [connect(ports["lmtp"]) for _ in range(8)]
    with socket.create_connection(("127.0.0.1", ports["lmtp"]), timeout=10) as ninth:
        assert rest(ninth).startswith(b"421 4.7.0")
    held[0].sendall(b"QUIT\r\n")
    rest(held[0])
    with connect(ports["lmtp"]):
        pass
    for each in held:
        each.close()


def test_flood_is_cut_off(ports: dict[str, int]) -> None:
    """A18: octets without a line end are not collected."""
    with connect(ports["mx"]) as raw:
        try:
            for _ in range(1000):
                raw.sendall(b"x" * 65536)
        except OSError:
            return
    pytest.fail("64 MiB were taken")


def test_who_has_said_all_and_closes_that_side_gets_every_reply(ports: dict[str, int]) -> None:
    """Exim does so after QUIT; without the reply it would send the message again."""
    with connect(ports["mx"]) as raw:
        raw.sendall(b"EHLO a\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<sasmita@odisha.example>\r\nDATA\r\n")
        while b"354" not in raw.recv(4096):
            pass
        raw.sendall(b"Subject: x\r\n\r\nbody\r\n.\r\nQUIT\r\n")
        raw.shutdown(socket.SHUT_WR)
        said = rest(raw)
    assert b"250 2.0.0 queued as" in said
    assert b"\r\n221 " in said


def test_who_closes_that_side_in_the_middle_of_a_message_is_let_go(ports: dict[str, int]) -> None:
    """Nothing of it is kept, and the connection does not stay."""
    with connect(ports["mx"]) as raw:
        raw.sendall(b"EHLO a\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<sasmita@odisha.example>\r\nDATA\r\n")
        while b"354" not in raw.recv(4096):
            pass
        raw.sendall(b"Subject: x\r\n\r\nbo")
        raw.shutdown(socket.SHUT_WR)
        assert rest(raw) == b""
