"""Addresses go to and fro between our forwarder and postsrsd, each asking the other for what the other made."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from odmail.delivery.srs import Rewriter
from odtest.daemon import free_port
from odtest.postroom import Town


class Postsrsd:
    """`ask` speaks Postfix's tcp_table(5)."""

    def __init__(self, secret: Path) -> None:
        self.forward, self.reverse = free_port(), free_port()
        argv = ["/usr/sbin/postsrsd", f"-s{secret}", "-done.example", "-4", f"-f{self.forward}", f"-r{self.reverse}"]
        self.process = subprocess.Popen(argv)
        while self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.reverse), 5).close()
                return
            except ConnectionRefusedError:
                continue
        raise AssertionError("postsrsd does not start")

    def ask(self, port: int, address: str) -> str:
        with socket.create_connection(("127.0.0.1", port), 5) as connection:
            connection.sendall(f"get {address}\n".encode())
            code, _, text = connection.makefile().readline().strip().partition(" ")
        return text if code == "200" else ""


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Postsrsd]:
    (tmp_path / "secret").write_text("peer\n")
    made = Postsrsd(tmp_path / "secret")
    yield made
    made.process.kill()
    made.process.wait()


def test_a_bounce_finds_its_way_through_both_in_either_order(peer: Postsrsd, tmp_path: Path) -> None:
    ours = Rewriter(tmp_path / "srs", Town())
    theirs_first = peer.ask(peer.forward, "a@peer.example")
    then_ours = ours.forward(theirs_first, "away@odisha.example")
    assert (theirs_first[:5], then_ours[:5]) == ("SRS0=", "SRS1=")
    assert ours.reverse(then_ours) == theirs_first
    assert peer.ask(peer.reverse, theirs_first) == "a@peer.example"

    ours_first = ours.forward("a@peer.example", "away@odisha.example")
    then_theirs = peer.ask(peer.forward, ours_first)
    assert then_theirs.startswith("SRS1=")
    assert ours.reverse(peer.ask(peer.reverse, then_theirs)) == "a@peer.example"

    third = ours.forward(then_theirs, "away@odisha.example")
    assert ours.reverse(ours.reverse(third)) == "a@peer.example"
