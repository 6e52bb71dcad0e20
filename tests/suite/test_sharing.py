"""Sharing through the running suite: the command line gives, clients over TLS use it, and taking back ends it."""

import imaplib
import smtplib
import socket
import time

import pytest
from imapclient import IMAPClient

from odtest.daemon import PATIENCE, Daemon, until

SASMITA = "sasmita.nayak@odisha.example"
BIBHUTI = "bibhuti.das@odisha.example"
SHARED = '"Other Users/sasmita.nayak/INBOX"'


def test_a_delegate_reads_and_writes_and_is_seen_doing_it(house: Daemon):
    """And is out within five seconds once it is taken back, with a mailbox open."""
    house.odmail("delegate", "add", "sasmita.nayak", "bibhuti.das", "--write", "--on-behalf")
    client = house.imap(BIBHUTI)
    assert client.select(SHARED)[0] == "OK"
    assert client.create('"Other Users/sasmita.nayak/For signature"')[0] == "OK"
    until(lambda: "INBOX" in house.odmail("audit", "looked", "sasmita.nayak"), "it is in the trail")
    assert "bibhuti.das" in house.odmail("audit", "looked", "sasmita.nayak")
    sent = house.send(BIBHUTI, BIBHUTI, sender=SASMITA)
    octets = house.awaited(BIBHUTI, sent)
    assert f"From: {SASMITA}".encode() in octets
    assert f"Sender: <{BIBHUTI}>".encode() in octets
    house.odmail("delegate", "remove", "sasmita.nayak", "bibhuti.das")
    until(lambda: ended(client), "the connection ends", 5)
    with pytest.raises(smtplib.SMTPSenderRefused):
        house.send(BIBHUTI, BIBHUTI, sender=SASMITA)


def ended(client: imaplib.IMAP4) -> bool:
    try:
        client.noop()
    except imaplib.IMAP4.abort:
        return True
    return False


def test_a_client_shares_a_folder_itself(house: Daemon):
    """SETACL of one client lets another in at once, in whatever process it is served."""
    with IMAPClient("localhost", house.ports["imaps"], ssl_context=house.tls()) as client:
        client.login(SASMITA, house.people[SASMITA].password)
        client.create_folder("Project")
        client.setacl("Project", BIBHUTI, "lrswi")
        assert client.getacl("Project") == [(b"owner", b"lrswipkxteacd"), (BIBHUTI.encode(), b"lrswi")]
    with IMAPClient("localhost", house.ports["imaps"], ssl_context=house.tls()) as client:
        client.login(BIBHUTI, house.people[BIBHUTI].password)
        assert client.namespace()[1] == (("Other Users/", "/"),)
        client.append("Other Users/sasmita.nayak/Project", b"Subject: x\r\n\r\ny\r\n")
        client.select_folder("Other Users/sasmita.nayak/Project")
        assert client.search() == [1]
    assert "Project" in house.odmail("share", "list", "sasmita.nayak")
    house.odmail("share", "remove", "sasmita.nayak", "Project", "bibhuti.das")
    assert "Project" not in house.odmail("share", "list", "sasmita.nayak")
    assert "ok   mailboxes" in house.odmail("doctor")


class Raw:
    """A client that reads what it is told unasked."""

    def __init__(self, house: Daemon, login: str) -> None:
        plain = socket.create_connection(("localhost", house.ports["imaps"]), timeout=PATIENCE)
        self.socket = house.tls().wrap_socket(plain, server_hostname="localhost")
        self.file = self.socket.makefile("rb")
        self.line()
        self.say(f'LOGIN {login} "{house.people[login].password}"')

    def line(self) -> bytes:
        return self.file.readline().rstrip()

    def say(self, command: str) -> None:
        self.socket.sendall(f"a {command}\r\n".encode())
        while not (line := self.line()).startswith(b"a "):
            pass
        assert line.startswith(b"a OK"), line

    def close(self) -> None:
        self.file.close()
        self.socket.close()


def test_notify_tells_of_everything_in_every_process(house: Daemon):
    """Mail that the queue worker delivers, and what clients of other workers do, reaches watchers in all of them."""
    watchers = [Raw(house, BIBHUTI) for _ in range(6)]
    events = "MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange MailboxMetadataChange"
    for each in watchers:
        each.say("SELECT INBOX")
        each.say(f"NOTIFY SET (selected (MessageNew (UID ENVELOPE) MessageExpunge)) (personal ({events}))")
    began = time.monotonic()
    house.send(SASMITA, BIBHUTI, subject="Do you hear me?")
    for each in watchers:
        assert each.line().endswith(b" EXISTS")
        assert b"Do you hear me?" in each.line()
    other = house.imap(BIBHUTI)
    other.create("Heard")
    other.append("Heard", None, None, b"Subject: x\r\n\r\ny\r\n")
    for each in watchers:
        assert b" Heard" in each.line()
        assert each.line().startswith(b"* STATUS Heard (MESSAGES 1")
    assert time.monotonic() - began < 10  # on a busy machine, all of it
    for each in watchers:
        each.close()
