"""The journeys of a letter through the running suite, over TLS."""

import json
import os
import re
import smtplib
from email import message_from_bytes, policy
from email.header import Header
from email.message import EmailMessage

import pytest
from imapclient import IMAPClient

from odtest.daemon import Daemon, until

SASMITA = "sasmita.nayak@odisha.example"
BIBHUTI = "bibhuti.das@odisha.example"
COLLECTOR = "collector.khordha@odisha.example"
LIST = "all.collectors@odisha.example"
ALIAS = "postmaster@odisha.example"
ALIAS_HOLDER = "debasish.rout@odisha.example"


def outside(house: Daemon, message_id: str) -> tuple[bytes, dict]:
    """A message that left for the outside, and its envelope."""

    def look():
        for path in (house.folder / "outside").glob("*.eml"):
            if message_id.encode() in path.read_bytes():
                return path.read_bytes(), json.loads(path.with_suffix(".json").read_bytes())
        return None

    return until(look, f"{message_id} leaves for the outside\n{house.tail()}")


def device_password(house: Daemon, person: str, post: str) -> str:
    written = house.odmail("device-password", "add", person, "--post", post, "--name", "Test")
    return written.rpartition("password:")[2].strip()


def test_person_to_person(house: Daemon):
    sent = house.send(SASMITA, BIBHUTI, body="Namaskar.")
    assert b"Namaskar." in house.awaited(BIBHUTI, sent)


def test_person_to_post_is_seen_by_its_holder_under_the_shared_namespace(house: Daemon):
    sent = house.send(BIBHUTI, COLLECTOR)
    assert house.awaited(SASMITA, sent, "Posts/collector.khordha/INBOX")


def test_a_holder_signs_in_to_the_post_with_a_device_password_and_writes_as_the_post(house: Daemon):
    password = device_password(house, SASMITA, "collector.khordha")
    arrived = house.send(BIBHUTI, COLLECTOR)
    assert house.awaited(COLLECTOR, arrived, password=password)
    sent = house.send(COLLECTOR, BIBHUTI, password=password)
    assert f"From: {COLLECTOR}".encode() in house.awaited(BIBHUTI, sent)


def test_a_holder_writes_as_the_post_from_their_own_account(house: Daemon):
    sent = house.send(SASMITA, BIBHUTI, sender=COLLECTOR)
    assert house.awaited(BIBHUTI, sent)


def test_nobody_writes_as_somebody_else(house: Daemon):
    with house.submission(BIBHUTI) as client, pytest.raises(smtplib.SMTPResponseException) as caught:
        client.sendmail(SASMITA, [BIBHUTI], b"From: x\r\n\r\n")
    assert 500 <= caught.value.smtp_code < 600


def test_a_list_reaches_each_member_once(house: Daemon):
    sent = house.send(BIBHUTI, LIST)
    assert house.awaited(SASMITA, sent, "Posts/collector.khordha/INBOX")
    assert house.awaited(BIBHUTI, sent, "Posts/collector.puri/INBOX")


def test_an_alias_leads_to_its_person(house: Daemon):
    sent = house.send(BIBHUTI, ALIAS)
    assert house.awaited(ALIAS_HOLDER, sent)


def test_mail_for_the_outside_leaves_and_keeps_its_envelope(house: Daemon):
    sent = house.send(SASMITA, "friend@elsewhere.example", subject="To the outside")
    message, envelope = outside(house, sent)
    assert b"Subject: To the outside" in message
    assert envelope["sender"] == SASMITA
    assert [each["address"] for each in envelope["recipients"]] == ["friend@elsewhere.example"]


def test_mail_that_the_outside_refuses_comes_back_as_a_report(house: Daemon):
    sent = house.send(SASMITA, "nobody@elsewhere.example")
    client = house.imap(SASMITA)
    client.select("INBOX")

    def look():
        client.noop()
        found = client.uid("SEARCH", None, "SUBJECT", '"deliver"', "BODY", sent)[1][0].split()
        return found and client.uid("FETCH", found[-1].decode(), "(BODY.PEEK[])")[1][0][1]

    report = message_from_bytes(until(look, f"a bounce of {sent}\n{house.tail()}"), policy=policy.default)
    client.logout()
    assert report.get_content_type() == "multipart/report"
    assert "nobody@elsewhere.example" in str(report.get_payload(1))
    assert "Action: failed" in str(report.get_payload(1))


def test_mail_from_the_outside_arrives_with_its_trace(house: Daemon):
    message_id = f"<{os.urandom(8).hex()}@elsewhere.example>"
    with house.mx() as client:
        client.sendmail("friend@elsewhere.example", [SASMITA], f"Message-ID: {message_id}\r\n\r\nHello\r\n")
    arrived = house.awaited(SASMITA, message_id)
    assert b"Received: from " in arrived
    assert b"Return-Path: <friend@elsewhere.example>" in arrived


@pytest.mark.parametrize(
    ("recipient", "code"),
    [("not.there@odisha.example", 550), ("friend@elsewhere.example", 550)],
    ids=["unknown", "relay"],
)
def test_the_outside_gets_no_for_who_is_not_here(house: Daemon, recipient: str, code: int):
    with house.mx() as client:
        client.ehlo("elsewhere.example")
        client.mail("friend@elsewhere.example")
        answer = client.rcpt(recipient)
    assert answer[0] in (code, 554, 551)


def test_a_subject_and_a_folder_in_odia(house: Daemon):
    subject, folder = "ଖୋର୍ଦ୍ଧା ଜିଲ୍ଲା ବୈଠକ", "ବୈଠକ/ଜୁଲାଇ"
    sent = house.send(BIBHUTI, SASMITA, subject=subject, body="ନମସ୍କାର")
    raw = house.awaited(SASMITA, sent)
    assert message_from_bytes(raw, policy=policy.default)["Subject"] == subject
    with IMAPClient("localhost", house.ports["imaps"], ssl_context=house.tls()) as client:
        client.login(SASMITA, house.people[SASMITA].password)
        client.create_folder(folder)
        assert folder in [name for _, _, name in client.list_folders()]
        client.select_folder("INBOX")
        found = client.search(["SUBJECT", "ଜିଲ୍ଲା"], charset="UTF-8")
        assert found
        client.move(found, folder)
        client.select_folder(folder)
        assert client.search(["BODY", "ନମସ୍କାର"], charset="UTF-8")


def test_an_attachment_of_25_mib_arrives_octet_for_octet(house: Daemon):
    attachment = os.urandom(25 << 20)
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = SASMITA, BIBHUTI, "Maps"
    message["Message-ID"] = f"<{os.urandom(8).hex()}@test.example>"
    message.set_content("See the attachment.")
    message.add_attachment(attachment, maintype="application", subtype="octet-stream", filename="maps.bin")
    with house.submission(SASMITA) as client:
        client.send_message(message)
    arrived = message_from_bytes(house.awaited(BIBHUTI, message["Message-ID"]), policy=policy.default)
    [part] = arrived.iter_attachments()
    assert part.get_content() == attachment


SIGNED = """\
Message-ID: {id}
From: friend@elsewhere.example
To: sasmita.nayak@odisha.example
Subject: {subject}
MIME-Version: 1.0
Content-Type: multipart/signed; micalg=pgp-sha256;
\tprotocol="application/pgp-signature"; boundary="=-b  1"

Preamble with trailing blanks{blanks}\t
--=-b  1
Content-Type: text/plain; charset=iso-8859-1; format=flowed
Content-Transfer-Encoding: quoted-printable

Caf=E9{blanks}
--{blanks}
trailing blanks matter{blanks}

--=-b  1
Content-Type: application/pgp-signature; name=signature.asc

-----BEGIN PGP SIGNATURE-----

iHUEABYIAB0WIQ
-----END PGP SIGNATURE-----

--=-b  1--
Epilogue, kept too.
"""


def test_a_signed_message_comes_back_byte_for_byte(house: Daemon):
    message_id = f"<{os.urandom(8).hex()}@elsewhere.example>"
    text = SIGNED.format(blanks="  ", id=message_id, subject=Header("Öffentlich", "iso-8859-1").encode())
    original = text.replace("\n", "\r\n").encode()
    with house.mx() as client:
        client.sendmail("friend@elsewhere.example", [SASMITA], original)
    arrived = house.awaited(SASMITA, message_id)
    assert arrived.endswith(original)
    added = arrived[: -len(original)].decode()
    assert re.fullmatch(r"((Delivered-To|Return-Path|Received|X-Spam-[A-Za-z]+): .*\r\n(\t.*\r\n)*)+", added)


def test_an_appended_message_comes_back_byte_for_byte(house: Daemon):
    original = (
        SIGNED.format(blanks="  ", id="<appended@test.example>", subject="as it is").replace("\n", "\r\n").encode()
    )
    client = house.imap(BIBHUTI)
    client.append("Drafts", "(\\Seen \\Draft)", None, original)
    client.select("Drafts")
    assert client.fetch("*", "(BODY.PEEK[] RFC822.SIZE)")[1][0][1] == original
    client.logout()
