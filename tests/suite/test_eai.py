"""Addresses in Odia letters, end to end: given out, reached from outside and inside, refused where unreadable.

RFC 6530, RFC 6531, RFC 6532. The ASCII twin of an address is the person's first address; both lead to one mailbox.
"""

import os
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import idna
import pytest

from odcore.config.types import HostPort
from odtest.daemon import Daemon, running, until
from odtest.peer import HELLO, Peer

SASMITA, BIBHUTI = "sasmita.nayak@odisha.example", "bibhuti.das@odisha.example"
DOMAIN = "ଓଡ଼ିଶା.ଭାରତ"
ODIA = "ସସ୍ମିତା"
UTF8 = HELLO.replace("250 SIZE", "250-SMTPUTF8\r\n250 SIZE")


@pytest.fixture(scope="module")
def old(tmp_path_factory) -> Iterator[Peer]:
    """The next server, which does not know SMTPUTF8."""
    with Peer(tmp_path_factory.mktemp("peer")) as made:
        yield made


@pytest.fixture(scope="module")
def house(old: Peer) -> Iterator[Daemon]:
    with running(**{"delivery.relay": HostPort(f"127.0.0.1:{old.port}"), "filter.dns": False}) as made:
        made.odmail("domain", "add", DOMAIN)
        made.odmail("alias", "add", f"{ODIA}@{DOMAIN}", "--to", SASMITA)
        made.odmail("alias", "add", f"{ODIA}@odisha.example", "--to", SASMITA)
        yield made


def letter(to: str, author: str = "friend@elsewhere.example") -> tuple[str, bytes]:
    """Its Message-ID, and its octets with UTF-8 in the header."""
    name = f"<{os.urandom(8).hex()}@elsewhere.example>"
    text = f"From: {author}\r\nTo: {to}\r\nSubject: ନମସ୍କାର\r\nMessage-ID: {name}\r\n\r\nନମସ୍କାର\r\n"
    return name, text.encode()


@pytest.mark.parametrize("domain", [DOMAIN, "A-label", "odisha.example"])
def test_mail_from_outside_reaches_an_address_in_odia_whichever_way_its_domain_is_written(house: Daemon, domain: str):
    if domain == "A-label":
        domain = idna.encode(DOMAIN, uts46=True).decode()
    name, octets = letter(f"{ODIA}@{domain}")
    with house.mx() as client:
        client.ehlo("elsewhere.example")
        client.mail("friend@elsewhere.example", ["SMTPUTF8", "BODY=8BITMIME"])
        assert client.rcpt(f"{ODIA}@{domain}")[0] == 250
        assert client.data(octets)[0] == 250
    raw = house.awaited(SASMITA, name)
    assert f"To: {ODIA}@{domain}\r\nSubject: ନମସ୍କାର\r\n".encode() in raw


def test_without_smtputf8_the_ascii_twin_works_and_the_other_is_refused(house: Daemon):
    name, octets = letter(SASMITA)
    with house.mx() as client:
        client.ehlo("elsewhere.example")
        client.mail("friend@elsewhere.example", ["BODY=8BITMIME"])
        client.command_encoding = "utf-8"
        assert client.docmd("RCPT", f"TO:<{ODIA}@odisha.example>")[0] in (501, 550, 553)
        assert client.rcpt(SASMITA)[0] == 250
        assert client.data(octets)[0] == 250
    assert house.awaited(SASMITA, name)


def test_people_write_to_each_other_in_odia(house: Daemon):
    name, octets = letter(f"{ODIA}@{DOMAIN}", BIBHUTI)
    with house.submission(BIBHUTI) as client:
        client.ehlo()
        client.mail(BIBHUTI, ["SMTPUTF8", "BODY=8BITMIME"])
        assert client.rcpt(f"{ODIA}@{DOMAIN}")[0] == 250
        assert client.data(octets)[0] == 250
    assert "ନମସ୍କାର".encode() in house.awaited(SASMITA, name)


def test_where_the_next_server_cannot_take_it_the_sender_is_told_clearly_and_nothing_is_downgraded(
    house: Daemon, old: Peer
):
    """RFC 6531 3.6: no mangled address, no lost message; in the sender's own language and readable by programs."""
    house.odmail("person", "edit", BIBHUTI, "--language", "or")
    name, octets = letter("ବନ୍ଧୁ@ବିଦେଶ.ଭାରତ", BIBHUTI)
    with house.submission(BIBHUTI) as client:
        client.ehlo()
        client.mail(BIBHUTI, ["SMTPUTF8", "BODY=8BITMIME"])
        assert client.rcpt("ବନ୍ଧୁ@ବିଦେଶ.ଭାରତ")[0] == 250
        assert client.data(octets)[0] == 250
    with house.imap(BIBHUTI) as client:
        client.select("INBOX")

        def look() -> bytes:
            client.noop()
            found = client.uid("SEARCH", None, "HEADER", "Auto-Submitted", "auto-replied")[1][0].split()
            return found[-1] if found else b""

        uid = until(look, f"the report arrives\n{house.tail()}")
        raw = client.uid("FETCH", uid.decode(), "(BODY.PEEK[])")[1][0][1]
    report = message_from_bytes(raw, policy=policy.SMTPUTF8)
    assert report["Subject"] == "ମେଲ୍ ପହଞ୍ଚାଯାଇ ପାରିଲା ନାହିଁ"
    text, status, _ = report.iter_parts()
    assert "ଇଂରାଜୀ ଛଡ଼ା" in text.get_content()
    assert status.get_content_type() == "message/global-delivery-status"
    assert b"Status: 5.6.7" in raw
    assert "utf-8; ବନ୍ଧୁ@".encode() in raw
    assert old.messages == []
    assert name.encode() in raw


def test_mail_to_an_ascii_address_goes_to_the_old_server_as_before(house: Daemon, old: Peer):
    before = len(old.messages)
    house.send(BIBHUTI, "friend@elsewhere.example", subject="ନମସ୍କାର")
    until(lambda: len(old.messages) > before, f"it leaves\n{house.tail()}")
    assert old.messages[-1].partition(b"\r\n\r\n")[0].isascii()


@pytest.mark.parametrize(
    "local",
    ["sаsmita.nayak", "ସସ୍ମିତାa", "ସସ୍मिता", "ｓasmita", "sasmita\u200b"],
    ids=["cyrillic", "odia-latin", "odia-hindi", "wide", "invisible"],
)
def test_what_people_cannot_tell_from_another_address_is_not_given_out(house: Daemon, local: str):
    with pytest.raises(AssertionError, match=r"mixes scripts|should not have|is not an address"):
        house.odmail("alias", "add", f"{local}@odisha.example", "--to", SASMITA)


def test_an_address_with_two_spellings_is_one(house: Daemon):
    """The letter RRA as one sign and as two (NFC)."""
    house.odmail("alias", "add", "\u0b5cାକ@odisha.example", "--to", SASMITA)
    with pytest.raises(AssertionError, match=r"taken|exists|already|has the address"):
        house.odmail("alias", "add", "\u0b21\u0b3cାକ@odisha.example", "--to", BIBHUTI)


def test_a_peer_that_knows_it_gets_it_as_it_was_written(house: Daemon, tmp_path: Path):
    del house  # a server of its own, so that the relay may be another
    with (
        Peer(tmp_path / "new", EHLO=UTF8) as peer,
        running(**{"delivery.relay": HostPort(f"127.0.0.1:{peer.port}"), "filter.dns": False}) as own,
    ):
        _, octets = letter("ବନ୍ଧୁ@ବିଦେଶ.ଭାରତ", BIBHUTI)
        with own.submission(BIBHUTI) as client:
            client.ehlo()
            client.mail(BIBHUTI, ["SMTPUTF8", "BODY=8BITMIME"])
            client.rcpt("ବନ୍ଧୁ@ବିଦେଶ.ଭାରତ")
            client.data(octets)
        until(lambda: peer.messages, f"it leaves\n{own.tail()}")
        [mail] = [line for line in peer.guests[-1].told if line.startswith("MAIL")]
        assert "SMTPUTF8" in mail
        assert "Subject: ନମସ୍କାର".encode() in peer.messages[0]
