"""A policy comes from its own server by HTTPS or not at all, and no server can keep us or fill us up."""

import time
from pathlib import Path

import pytest

from odcore.errors import Fault, Kind
from odcore.net.tls import client_context
from odmail.transport.fetch import MOST, Https
from odsuite import certs
from odtest.site import Site

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"


@pytest.fixture
def site(tmp_path):
    made: list[Site] = []

    def make(*args, **more) -> Site:
        made.append(Site(tmp_path / "tls", *args, **more))
        return made[-1]

    yield make
    for each in made:
        each.close()


def fetch(site: Site, authority: Path | None = None, seconds: float = 5.0) -> bytes:
    context = client_context(authority or site.authority)
    return Https(lambda host: ("127.0.0.1",), context, site.port, seconds)("peer.example")


def refused(site: Site, kind: Kind = Kind.TRY_LATER, **more) -> str:
    with pytest.raises(Fault) as fault:
        fetch(site, **more)
    assert fault.value.kind is kind
    return fault.value.text


@pytest.mark.parametrize("answer", [OK, CHUNKED])
def test_a_policy_comes_from_its_well_known_place(site, answer):
    made = site(answer)
    assert fetch(made) == b"hello"
    request = made.asked[0].split(b"\r\n")
    assert request[0] == b"GET /.well-known/mta-sts.txt HTTP/1.1"
    assert b"Host: mta-sts.peer.example" in request


@pytest.mark.parametrize("status", [b"301 Moved\r\nLocation: /x", b"404 Not Found", b"500 Oops", b"204 Nothing"])
def test_redirects_and_errors_are_no_policy(site, status):
    assert status[:3].decode() in refused(site(OK.replace(b"200 OK", status)))


@pytest.mark.parametrize(
    "answer",
    [
        OK.replace(b"text/plain", b"text/html"),
        OK.replace(b"Length: 5", b"Length: 6"),  # cut short
        OK.replace(b"Length: 5", b"Length: %d" % (MOST + 1)) + b"x" * MOST,
        CHUNKED.removesuffix(b"0\r\n\r\n"),
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000,
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000,
        b"no web server\r\n\r\n",
        b"",
    ],
)
def test_what_is_not_a_whole_small_text_is_no_policy(site, answer):
    refused(site(answer))


def test_the_certificate_must_be_for_the_policys_host_and_by_an_authority_that_is_believed(site, tmp_path):
    made = site(OK, name="peer.example")
    assert "certificate" in refused(made, Kind.DENIED)
    made = site(OK)
    assert "certificate" in refused(made, Kind.DENIED, authority=certs.ensure(tmp_path / "other", ["x.example"]))
    assert made.asked == []


def test_a_server_that_drips_is_left_in_time(site):
    start = time.monotonic()
    refused(site(b"HTTP/1.1 200 OK\r\nX: ", drip=True), seconds=0.5)
    assert time.monotonic() - start < 5


def test_where_there_is_no_address_nothing_is_fetched():
    with pytest.raises(Fault) as fault:
        Https(lambda host: (), client_context())("peer.example")
    assert fault.value.text == "No MTA-STS policy from mta-sts.peer.example: it has no address"
