"""What ends access ends open sessions within five seconds, in every process, by every protocol and in the browser."""

import base64
import contextlib
import http.client
import imaplib
import json
import poplib
import select
import smtplib
import ssl
import time
from datetime import datetime, timedelta

import managesieve
import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from odtest.browser import Browser
from odtest.daemon import Daemon, until

SUNITA = "sunita.hembram@odisha.example"
BIBHUTI = "bibhuti.das@odisha.example"
BOTH = ("--scope", "mail", "--scope", "dav")
WITHIN = 5.0
EACH = 4
"""Connections of a kind: enough that both workers have some."""


class Sessions:
    """Open ones, which do nothing."""

    def __init__(self, daemon: Daemon, login: str, password: str) -> None:
        self.imap = [daemon.imap(login, password) for _ in range(EACH)]
        self.smtp = [daemon.submission(login, password) for _ in range(EACH)]
        self.pop3 = poplib.POP3_SSL("localhost", daemon.ports["pop3s"], context=daemon.tls(), timeout=30)
        self.pop3.user(login)
        self.pop3.pass_(password)
        self.sieve = managesieve.MANAGESIEVE("localhost", daemon.ports["managesieve"], use_tls=True)
        assert self.sieve.login("", login, password) == "OK"
        self.dav = http.client.HTTPSConnection("localhost", daemon.ports["https"], context=daemon.tls(), timeout=30)
        self._word = base64.b64encode(f"{login}:{password}".encode()).decode()
        assert self.dav_status() == 207
        for number, client in enumerate(self.imap):
            if number % 2:
                client.select("INBOX")

    def ended(self) -> bool:
        """Has the server said good-bye to all of them?"""
        open_ = (*self.imap, *self.smtp, self.pop3)
        return all(map(_readable, (*(each.sock for each in open_), self.sieve.sock.sslobj)))

    def dav_status(self) -> int:
        """What a program is told that asks for its calendars over the connection it has."""
        self.dav.request("PROPFIND", "/dav/", headers={"Authorization": f"Basic {self._word}", "Depth": "0"})
        answer = self.dav.getresponse()
        answer.read()
        return answer.status

    def await_end(self, due: float = 0.0) -> float:
        """How long it took when access ends `due` seconds from now, and that the last words say why."""
        begun = time.monotonic()
        until(self.ended, "all sessions have ended", due + 2 * WITHIN)
        took = time.monotonic() - begun
        with pytest.raises(imaplib.IMAP4.abort):
            self.imap[0].noop()
        assert b"Access has ended" in b"".join(self.imap[0].untagged_responses.get("BYE", []))
        with pytest.raises(poplib.error_proto, match="access has ended"):
            self.pop3.noop()
        with contextlib.suppress(smtplib.SMTPServerDisconnected):
            assert self.smtp[0].noop() == (421, b"4.7.0 access has ended")
        assert self.sieve._get_line() == 'BYE "Access has ended"'
        assert self.dav_status() == 401
        return took


def _readable(sock: ssl.SSLSocket) -> bool:
    """Is there something to read, though nothing was asked? The last words stay unread."""
    return bool(select.select([sock], [], [], 0)[0])


@pytest.fixture(autouse=True)
def trust(house: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client of ManageSieve checks the server's certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(house.authority))


@pytest.fixture
def device(house: Daemon) -> tuple[str, str]:
    written = house.odmail("device-password", "add", SUNITA, "--name", "Old phone", *BOTH)
    password = written.split()[-1]
    return password[:4], password


def test_a_revoked_device_password(house: Daemon, device: tuple[str, str]):
    """Its owner's other sessions go on; and the list tells when and from where it was last used."""
    name, password = device
    others = house.imap(SUNITA)
    sessions = Sessions(house, SUNITA, password)
    listed = json.loads(house.odmail("device-password", "list", SUNITA, "--json"))
    assert name in [each["id"] for each in listed]
    table = until(lambda: _row(house, name), "the use is written")
    assert "127.0.0.1" in table
    house.odmail("device-password", "revoke", SUNITA, name)
    assert sessions.await_end() < WITHIN
    assert others.noop()[0] == "OK"


def _row(house: Daemon, name: str) -> str:
    lines = house.odmail("device-password", "list", SUNITA).splitlines()
    return next((line for line in lines if name in line and "127.0.0.1" in line), "")


def test_a_token_that_is_over(house: Daemon):
    """At its date, by itself."""
    end = datetime.now().astimezone() + timedelta(seconds=20)
    token = house.odmail("token", "issue", SUNITA, "--expires", end.isoformat()).split()[-1]
    client = imaplib.IMAP4_SSL("localhost", house.ports["imaps"], ssl_context=house.tls(), timeout=30)
    client.authenticate("XOAUTH2", lambda _: f"user={SUNITA}\x01auth=Bearer {token}\x01\x01".encode())
    left = (end - datetime.now().astimezone()).total_seconds()
    assert client.noop()[0] == "OK"
    until(lambda: _readable(client.sock), "the session has ended", left + WITHIN)


def test_a_contract_that_ends(house: Daemon):
    """At its date, by itself; and when the date is taken back, the person is let in again."""
    sessions = Sessions(house, BIBHUTI, house.people[BIBHUTI].password)
    end = datetime.now().astimezone() + timedelta(seconds=10)
    house.odmail("person", "edit", BIBHUTI, "--expires", end.isoformat())
    try:
        left = max(0.0, (end - datetime.now().astimezone()).total_seconds())
        assert sessions.await_end(left) < left + WITHIN
        with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
            house.imap(BIBHUTI)
    finally:
        house.odmail("person", "edit", BIBHUTI, "--never-expires")
    house.imap(BIBHUTI).logout()


def test_a_disabled_person(house: Daemon):
    sessions = Sessions(house, BIBHUTI, house.people[BIBHUTI].password)
    browser = Browser(house)
    browser.sign_in(BIBHUTI, house.people[BIBHUTI].password)
    assert browser.url == "/me"
    house.odmail("person", "disable", BIBHUTI)
    try:
        assert sessions.await_end() < WITHIN
        browser.get("/me")
        assert browser.url.startswith("/sign-in")
    finally:
        house.odmail("person", "enable", BIBHUTI)


def test_a_post_handed_over(house: Daemon):
    """Sessions that were signed in to the post, not those of the person."""
    holder = "sasmita.nayak@odisha.example"
    written = house.odmail("device-password", "add", holder, "--post", "collector.khordha", *BOTH)
    own = house.imap(holder)
    sessions = Sessions(house, "collector.khordha@odisha.example", written.split()[-1])
    house.odmail("post", "handover", "collector.khordha", "--to", "bibhuti.das", "--order", "GA-77")
    try:
        assert sessions.await_end() < WITHIN
        assert own.noop()[0] == "OK"
    finally:
        house.odmail("post", "handover", "collector.khordha", "--to", "sasmita.nayak", "--order", "GA-78")


def test_a_handover_takes_effect_at_its_instant_by_itself(house: Daemon):
    """Nobody does anything then: who held the post is out, and the successor is in."""
    post, successor = "collector.khordha@odisha.example", BIBHUTI
    written = house.odmail("device-password", "add", "sasmita.nayak", "--post", "collector.khordha", *BOTH)
    sessions = Sessions(house, post, written.split()[-1])
    at = datetime.now().astimezone() + timedelta(seconds=10)
    house.odmail("post", "handover", "collector.khordha", "--to", successor, "--order", "GA-79", "--at", at.isoformat())
    try:
        assert sessions.imap[0].noop()[0] == "OK"
        left = max(0.0, (at - datetime.now().astimezone()).total_seconds())
        assert sessions.await_end(left) < left + WITHIN
        assert "collector.khordha" in house.imap(successor).list()[1].__repr__()
    finally:
        house.odmail("post", "handover", "collector.khordha", "--to", "sasmita.nayak", "--order", "GA-80")


def test_an_app_of_a_foreign_cloud(house: Daemon, device: tuple[str, str]):
    """Before sign-in it is told why not. Once signed in it is sent away, and the device password is worth nothing."""
    _, password = device
    said = {"name": "Microsoft Office 365", "version": "15.20"}
    with IMAPClient("localhost", house.ports["imaps"], ssl_context=house.tls()) as client:
        client.id_(said)
        with pytest.raises(LoginError, match=r"foreign cloud"):
            client.login(SUNITA, password)
    other = house.imap(SUNITA, password)
    late = IMAPClient("localhost", house.ports["imaps"], ssl_context=house.tls())
    late.login(SUNITA, password)
    with pytest.raises(IMAPClientError, match=r"foreign cloud"):
        late.id_(said)
    until(lambda: _readable(other.sock), "the device's other session has ended", WITHIN)
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        house.imap(SUNITA, password)
    audit = house.odmail("audit", "list", "--event", "client-refused", "--json")
    assert [each["facts"]["outcome"] for each in json.loads(audit)][-2:] == ["refused", "revoked"]
    with smtplib.SMTP("localhost", house.ports["submission"], timeout=30) as sender:
        sender.starttls(context=house.tls())
        sender.ehlo("AM0PR01MB1.eurprd01.prod.outlook.com")
        with pytest.raises(smtplib.SMTPAuthenticationError, match="foreign cloud"):
            sender.login(SUNITA, house.people[SUNITA].password)
