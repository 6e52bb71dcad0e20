"""Mail from outside over TLS with swaks, a DNS of our own on loopback: refused, made to wait, into Junk, or in."""

import base64
import io
import os
import re
import sqlite3
import subprocess
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from odtest.daemon import Daemon, running, until
from odtest.dns_server import DnsServer

SASMITA = "sasmita.nayak@odisha.example"
KEY = generate_private_key(65537, 2048)
SECRET = KEY.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
PUBLIC = base64.b64encode(KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
PIECES = " ".join(f'"{part}"' for part in ("v=DKIM1; p=", PUBLIC[:200], PUBLIC[200:]))
RECORDS = {
    ("1.0.0.127.in-addr.arpa", "PTR"): ["mx.peer.example."],
    ("mx.peer.example", "A"): ["127.0.0.1"],
    ("peer.example", "TXT"): ['"v=spf1 ip4:127.0.0.1 -all"'],
    ("_dmarc.peer.example", "TXT"): ['"v=DMARC1; p=reject"'],
    ("s._domainkey.signed.example", "TXT"): [PIECES],
    ("_dmarc.signed.example", "TXT"): ['"v=DMARC1; p=reject"'],
    ("bank.example", "TXT"): ['"v=spf1 -all"'],
    ("_dmarc.bank.example", "TXT"): ['"v=DMARC1; p=reject"'],
    ("shop.example", "TXT"): ['"v=spf1 -all"'],
    ("_dmarc.soft.example", "TXT"): ['"v=DMARC1; p=quarantine"'],
    ("odisha.example", "TXT"): ['"v=spf1 ip4:192.0.2.1 -all"'],
}
EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}" + "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.fixture(scope="module")
def names() -> Iterator[DnsServer]:
    server = DnsServer(RECORDS)
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="module")
def house(names: DnsServer) -> Iterator[Daemon]:
    given = {"filter.trusted": [], "filter.nameservers": [names.address]}
    with running(**given) as daemon:
        yield daemon


def send(house: Daemon, *options: str, sender: str = "anna@peer.example", author: str = "") -> tuple[str, str]:
    """The reply to the message, and its Message-ID."""
    message_id = f"<{os.urandom(8).hex()}@peer.example>"
    done = subprocess.run(
        [
            *("swaks", "--server", "localhost", "--port", str(house.ports["mx"]), "-tls", "--helo", "mx.peer.example"),
            *("--tls-ca-path", str(house.authority), "--tls-verify", "--from", sender, "--to", SASMITA),
            *("--h-From", author or sender, "--header", f"Message-Id: {message_id}", *options),
        ],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "STARTTLS" in done.stdout
    replies = re.findall(r"^<[~*][~* ]?\s+(\d{3} [^\n]*)", done.stdout, re.MULTILINE)
    return replies[-2] if replies[-1].startswith("221") else replies[-1], message_id


def test_mail_its_sender_vouches_for_comes_in_with_what_was_found(house):
    reply, message_id = send(house)
    assert reply.startswith("250")
    arrived = house.awaited(SASMITA, message_id)
    assert b"Authentication-Results: mail.odisha.example;" in arrived
    for found in (b"spf=pass", b"dmarc=pass", b"iprev=pass", b"X-Spam-Flag: NO"):
        assert found in arrived


def test_a_signature_vouches_where_spf_does_not(house, tmp_path):
    octets = (
        b"From: Anna <anna@signed.example>\r\nTo: " + SASMITA.encode() + b"\r\nMessage-ID: <signed@signed.example>\r\n"
        b"Subject: =?utf-8?b?4Kyu4Kyj4Ky/4KyX?=\r\n\r\nHello.\r\n.dots too\r\n"
    )
    field = dkim.sign(octets, b"s", b"signed.example", SECRET)
    with house.mx() as client:
        client.ehlo("mx.peer.example")
        client.starttls(context=house.tls())
        client.ehlo("mx.peer.example")
        client.sendmail("bounce@shop.example", [SASMITA], field + octets)
    arrived = house.awaited(SASMITA, "<signed@signed.example>")
    assert b"spf=fail" in arrived
    assert b"dkim=pass header.d=signed.example" in arrived
    assert b"dmarc=pass header.from=signed.example" in arrived


def test_what_its_owner_disowns_is_refused(house):
    reply, _ = send(house, author="boss@bank.example")
    assert reply.startswith("550 5.7.26 bank.example asks for reject")


def test_a_spoof_of_our_own_people_is_refused(house):
    assert send(house, author="minister@odisha.example")[0].startswith("550 5.7.1 claims to be from a domain of ours")
    assert send(house, sender="minister@odisha.example")[0].startswith("550 5.7")


def test_what_its_domain_disowns_and_quarantine_go_into_junk(house):
    for sender, author in (("x@shop.example", "x@shop.example"), ("anna@peer.example", "x@soft.example")):
        reply, message_id = send(house, sender=sender, author=author)
        if reply.startswith("451 4.7.1"):  # new here, and suspicious: some minutes later it passes
            _let_time_pass(house)
            reply, message_id = send(house, sender=sender, author=author)
        assert reply.startswith("250"), reply
        assert b"X-Spam-Flag: YES" in house.awaited(SASMITA, message_id, "Junk")


@pytest.mark.parametrize(
    ("name", "octets", "kind"),
    [
        ("report.com", EICAR.encode(), "executable"),
        ("report.txt", EICAR.encode(), "executable"),
        ("order.docm", b"PK", "macro"),
    ],
)
def test_a_virus_for_testing_and_macros_are_refused(house, tmp_path, name, octets, kind):
    (tmp_path / name).write_bytes(octets)
    reply, _ = send(house, "--attach-type", "application/octet-stream", "--attach-name", name, "--attach",
                    f"@{tmp_path / name}")  # fmt: skip
    assert reply.startswith("550 5.7.1")
    assert name in reply


def test_a_program_in_an_archive_in_an_archive_is_refused(house, tmp_path):
    octets = b"MZ" + b"\0" * 100
    for name in ("innocent.bin", "inner.zip", "outer.zip"):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(name, octets)
        octets = packed.getvalue()
    (tmp_path / "all.zip").write_bytes(octets)
    reply, _ = send(house, "--attach-type", "application/zip", "--attach-name", "all.zip", "--attach",
                    f"@{tmp_path / 'all.zip'}")  # fmt: skip
    assert reply.startswith("550 5.7.1")


def _let_time_pass(house: Daemon) -> None:
    """What waits has waited long enough."""
    with sqlite3.connect(house.folder / "filter" / "filter.sqlite", timeout=10) as database:
        database.execute("UPDATE attempt SET first = first - 300, last = last - 300")


def test_a_stranger_nobody_vouches_for_waits_once(house):
    reply, _ = send(house, sender="x@unknown.example")
    assert reply.startswith("451 4.7.1")
    assert send(house, sender="x@unknown.example")[0].startswith("451 4.7.1")
    _let_time_pass(house)
    reply, message_id = send(house, sender="x@unknown.example")
    assert reply.startswith("250")
    assert house.awaited(SASMITA, message_id)


def test_a_refusal_leaves_nothing_behind_and_is_told_in_the_log(house):
    before = len(house.log_lines())
    send(house, author="boss@bank.example")
    found = [line for line in house.log_lines()[before:] if line["event"] == "not_taken"]
    assert [(line["check"], line["result"]) for line in found] == [("dmarc", "fail")]
    assert "bank.example" not in house.odmail("queue", "list")


def test_moving_into_junk_teaches(house):
    _, message_id = send(house, "--body", "lottery winner")
    house.awaited(SASMITA, message_id)
    arrived = time.monotonic()
    until(lambda: time.monotonic() - arrived > 6, "a person has read it")  # who moves it sooner is no person
    client = house.imap(SASMITA)
    client.select("INBOX")
    uid = client.uid("SEARCH", None, "HEADER", "Message-ID", message_id)[1][0].decode()
    client.uid("MOVE", uid, "Junk")
    client.logout()
    until(lambda: any(line["event"] == "learned" for line in house.log_lines()), house.tail)


def test_a_dns_that_is_away_delays_nobody_for_long_and_lets_no_spoof_in(house, names):
    names.silent = True
    try:
        begun = time.monotonic()
        reply, _ = send(house, sender="anna@elsewhere.example")
        assert time.monotonic() - begun < 40
        assert reply.startswith(("250", "451 4.7.1"))
        assert send(house, author="minister@odisha.example")[0].startswith("451 4.7.0")
    finally:
        names.silent = False


def test_nothing_went_wrong_meanwhile(house, tmp_path: Path):
    assert [line for line in house.log_lines() if line["level"] == "error"] == []
