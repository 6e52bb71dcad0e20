"""The line against servers that are away, silent or lying."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from odcore.directory import connection
from odcore.directory.connection import Link
from odcore.directory.filters import EVERYTHING
from odcore.directory.settings import DirectorySettings
from odcore.errors import Fault, Kind


@pytest.fixture
def liar() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def link(port: int, folder: Path, **settings: object) -> Link:
    (folder / "service.password").write_text("x")
    given = {"url": f"ldap://127.0.0.1:{port}", "starttls": False} | settings
    return Link(DirectorySettings(**given), folder)  # type: ignore[arg-type]


def fault_of(line: Link) -> Fault:
    with pytest.raises(Fault) as caught:
        line.search("o=odmail", EVERYTHING, ("cn",))
    return caught.value


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x30\x84\xff\xff\xff\xff",
        b"\0" * 64,
        bytes.fromhex("300c02010161070a010a04000400"),  # referral
        bytes.fromhex("300c02010161070a013304000400"),  # busy
        bytes.fromhex("300c02010161070a013404000400"),  # unavailable
        bytes.fromhex("300c02010161070a013104000400"),  # the service account's password is wrong
    ],
)
def test_bad_answers_are_try_later(liar: socket.socket, tmp_path: Path, answer: bytes) -> None:
    """P15: garbage, referrals, busy, refusal of the service account."""

    def serve() -> None:
        peer, _ = liar.accept()
        with peer:
            peer.recv(4096)
            peer.sendall(answer)

    thread = Thread(target=serve, daemon=True)
    thread.start()
    assert fault_of(link(liar.getsockname()[1], tmp_path)).kind is Kind.TRY_LATER
    thread.join()


def test_silent_server_is_given_up(liar: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A41: the time-out ends the wait, and for a while nobody else waits."""
    monkeypatch.setattr(connection, "_OPERATION", 1)
    line = link(liar.getsockname()[1], tmp_path)
    begun = time.monotonic()
    assert fault_of(line).kind is Kind.TRY_LATER
    middle = time.monotonic()
    assert fault_of(line).kind is Kind.TRY_LATER
    assert middle - begun < 4
    assert time.monotonic() - middle < 0.5


def test_no_starttls_no_password(liar: socket.socket, tmp_path: Path) -> None:
    """A server (or somebody in between) that refuses StartTLS never sees the bind."""
    heard: list[bytes] = []

    def serve() -> None:
        peer, _ = liar.accept()
        with peer:
            heard.append(peer.recv(4096))
            peer.sendall(bytes.fromhex("300c02010178070a013504000400"))  # unwillingToPerform
            heard.append(peer.recv(4096))

    thread = Thread(target=serve, daemon=True)
    thread.start()
    assert fault_of(link(liar.getsockname()[1], tmp_path, starttls=True)).kind is Kind.TRY_LATER
    thread.join()
    assert b"1.3.6.1.4.1.1466.20037" in heard[0]
    assert b"cn=odmail" not in b"".join(heard)


def test_second_server_is_asked_when_the_first_is_away(tmp_path: Path, liar: socket.socket) -> None:
    """Several URLs are tried in order."""
    accepted: list[bool] = []

    def serve() -> None:
        peer, _ = liar.accept()
        accepted.append(True)
        peer.close()

    thread = Thread(target=serve, daemon=True)
    thread.start()
    with socket.create_server(("127.0.0.1", 0)) as gone:
        dead = gone.getsockname()[1]
    line = link(dead, tmp_path, url=f"ldap://127.0.0.1:{dead} ldap://127.0.0.1:{liar.getsockname()[1]}")
    assert fault_of(line).kind is Kind.TRY_LATER
    thread.join(5)
    assert accepted == [True]
