"""`odmail trace` tells of mail that came over the network: where it went, and why it did not come in."""

import json
import smtplib

import pytest

from odtest.daemon import Daemon, until

SASMITA, BIBHUTI = "sasmita.nayak@odisha.example", "bibhuti.das@odisha.example"


def events(house: Daemon, text: str, what: str) -> list[dict]:
    """Once there is one of them: what is told is written within a second."""

    def look() -> list[dict]:
        found = [each for story in json.loads(house.odmail("trace", text, "--json")) for each in story["events"]]
        return found if any(each["what"] == what for each in found) else []

    return until(look, f"{what} in the history of {text}")


def test_a_letter_between_people_by_its_message_id(house):
    message_id = house.send(SASMITA, BIBHUTI)
    house.awaited(BIBHUTI, message_id)
    accepted, delivered = events(house, message_id, "delivered")
    assert accepted["facts"]["service"] == "submission"
    assert accepted["facts"]["tls"].startswith("TLSv1.")
    assert accepted["facts"]["person"]
    assert delivered["facts"] == {"recipient": BIBHUTI, "reply": "250 2.0.0 delivered to INBOX"}
    assert "delivered to INBOX" in house.odmail("trace", message_id)


def test_a_refused_recipient_by_the_address_asked_for(house):
    with house.mx() as client, pytest.raises(smtplib.SMTPRecipientsRefused):
        client.sendmail("b@peer.example", ["gone.one@odisha.example"], b"Subject: x\r\n\r\nx\r\n")
    (refused,) = events(house, "gone.one@odisha.example", "refused")
    assert refused["facts"]["verb"] == "RCPT"
    assert refused["facts"]["reply"].startswith("550 5.1.1 ")
    assert refused["facts"]["client"] == "127.0.0.1"


def test_what_is_unknown_is_said_to_be(house):
    assert house.odmail("trace", "<nobody.sent@this.example>") == "Nothing is known of <nobody.sent@this.example>.\n"
