"""What a mail program may wish for a message, of the installed suite: later, and by TLS all the way."""

import json
import smtplib
import time

import pytest

from odtest.daemon import Daemon, until

SASMITA = "sasmita.nayak@odisha.example"
BIBHUTI = "bibhuti.das@odisha.example"
OUTSIDE = "reader@elsewhere.example"


def hand_in(client: smtplib.SMTP, to: str, subject: str, *wishes: str) -> None:
    letter = f"From: {SASMITA}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{subject}@odisha.example>\r\n\r\nx\r\n"
    assert client.sendmail(SASMITA, [to], letter, mail_options=wishes) == {}


def queued(house: Daemon, to: str) -> list[dict]:
    return json.loads(house.odmail("queue", "list", to, "--json"))


def test_a_letter_to_be_sent_later_waits_and_then_comes(house: Daemon):
    with house.submission(SASMITA) as client:
        assert client.has_extn("FUTURERELEASE")
        begun = time.time()
        hand_in(client, BIBHUTI, "soon", "HOLDFOR=3")
        hand_in(client, BIBHUTI, "tomorrow", "HOLDFOR=86400")
    assert house.awaited(BIBHUTI, "<soon@odisha.example>")
    assert time.time() - begun > 2
    house.odmail("queue", "retry", "--all")
    [left] = queued(house, BIBHUTI)
    assert left["recipients"][0]["due"] >= int(begun) + 86400
    assert house.odmail("queue", "delete", left["id"], "--yes") == "1 deleted\n"


def test_a_letter_that_must_travel_by_tls_stays_in_the_house_or_waits_for_tls(house: Daemon):
    """The outside of the demonstration has no TLS."""
    with house.submission(SASMITA) as client:
        assert client.has_extn("REQUIRETLS")
        hand_in(client, BIBHUTI, "inside", "REQUIRETLS")
        hand_in(client, OUTSIDE, "outside", "REQUIRETLS")
    assert house.awaited(BIBHUTI, "<inside@odisha.example>")
    [waiting] = until(
        lambda: [each for each in queued(house, OUTSIDE) if each["recipients"][0]["last_reply"]], "an attempt"
    )
    assert waiting["recipients"][0]["last_reply"] == "451 4.7.4 TLS is required here and not offered there"
    assert house.odmail("queue", "bounce", waiting["id"], "--yes") == "1 given back\n"
    assert queued(house, OUTSIDE) == []


def test_what_the_mx_takes_is_not_sent_later(house: Daemon):
    with house.mx() as client:
        client.ehlo()
        assert not client.has_extn("FUTURERELEASE")
        with pytest.raises(smtplib.SMTPSenderRefused, match="555"):
            client.sendmail("a@peer.example", [SASMITA], "x", mail_options=["HOLDFOR=60"])
