"""A report reaches the web server that is named, with a certificate that is checked, or it is tried again."""

import socket
from pathlib import Path

import pytest

from odcore.errors import Fault, Kind
from odcore.net.tls import client_context
from odmail.transport.post import Post
from odtest.site import Site


@pytest.fixture
def site(tmp_path):
    made: list[Site] = []

    def make(answer: bytes, **more) -> Site:
        made.append(Site(tmp_path / "tls", answer, name="rpt.peer.example", **more))
        return made[-1]

    yield make
    for each in made:
        each.close()


def post(site: Site, authority: Path | None = None, seconds: float = 5.0) -> None:
    go = Post(lambda host: ("127.0.0.1",), client_context(authority or site.authority), seconds)
    go(f"https://rpt.peer.example:{site.port}/v1/tlsrpt?x=1", b"packed")


@pytest.mark.parametrize("code", [b"200 OK", b"201 Created", b"202 Accepted"])
def test_it_is_posted_as_it_is(site, code):
    server = site(b"HTTP/1.1 " + code + b"\r\nContent-Length: 0\r\n\r\n")
    post(server)
    (asked,) = server.asked
    assert asked.startswith(b"POST /v1/tlsrpt?x=1 HTTP/1.1\r\nHost: rpt.peer.example:")
    assert b"Content-Type: application/tlsrpt+gzip\r\n" in asked


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
        b"SSH-2.0-x\r\n",
        b"",
    ],
)
def test_any_other_answer_is_none(site, answer):
    with pytest.raises(Fault) as fault:
        post(site(answer))
    assert fault.value.kind is Kind.TRY_LATER


def test_a_strange_certificate_gets_nothing(site, tmp_path):
    server = site(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    other = Site(tmp_path / "other", b"")
    other.close()
    with pytest.raises(Fault, match="certificate"):
        post(server, authority=other.authority)
    assert server.asked == []


def test_a_server_that_drips_or_is_away_does_not_keep_us(site):
    with pytest.raises(Fault):
        post(site(b"HTTP/1.1 200 OK\r\nX: ", drip=True), seconds=0.5)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Fault):
        Post(lambda host: ("127.0.0.1",), client_context(), 1.0)(f"https://rpt.peer.example:{port}/", b"")
    with pytest.raises(Fault, match="no address"):
        Post(lambda host: (), client_context(), 1.0)("https://rpt.peer.example/", b"")
