"""What mail from outside has to pass: refused, made to wait, into Junk or in; and what it carries from then on."""

import base64

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from odcore.errors import Fault
from odmail.queue.model import Envelope, Origin, Recipient
from odmail.smtp.types import refusal
from odtest.postroom import SASMITA, PostRoom
from odtest.zone import TIMEOUT, Zone

CLIENT = "192.0.2.7"
PEER = Origin("mx", address=CLIENT, helo="mx.peer.example", session="s1")
LETTER = b"From: Anna <anna@peer.example>\r\nTo: x@odisha.example\r\nSubject: hello\r\n\r\nbody\r\n"
KEY = generate_private_key(65537, 2048)
SECRET = KEY.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
PUBLIC = base64.b64encode(KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def world(policy: str = "reject") -> Zone:
    return Zone(
        {
            ("7.2.0.192.in-addr.arpa", "PTR"): ["mx.peer.example"],
            ("mx.peer.example", "A"): [CLIENT],
            ("peer.example", "TXT"): [f"v=spf1 ip4:{CLIENT} -all"],
            ("_dmarc.peer.example", "TXT"): [f"v=DMARC1; p={policy}"],
            ("s._domainkey.peer.example", "TXT"): ["v=DKIM1; p=" + PUBLIC],
            ("bank.example", "TXT"): ["v=spf1 -all"],
            ("_dmarc.bank.example", "TXT"): ["v=DMARC1; p=reject"],
            ("odisha.example", "TXT"): ["v=spf1 ip4:192.0.2.99 -all"],
            ("_dmarc.odisha.example", "TXT"): ["v=DMARC1; p=none"],
        }
    )


@pytest.fixture
def room(tmp_path):
    made = PostRoom(tmp_path)
    yield made
    made.close()


def send(gate, octets=LETTER, origin=PEER, sender="anna@peer.example", to=(SASMITA.address,)) -> str:
    """The reply."""
    envelope = Envelope(sender, tuple(map(Recipient, to)))
    inbound = gate.receive(envelope, origin, None)
    try:
        for at in range(0, len(octets), 50_000):
            inbound.write(octets[at : at + 50_000])
        inbound.finish()
    except Fault as fault:
        inbound.discard()
        reply = refusal(fault)
        return f"{reply.code} {reply.enhanced} {reply.text}"
    return "250"


def signed(octets: bytes = LETTER, domain: bytes = b"peer.example") -> bytes:
    return dkim.sign(octets, b"s", domain, SECRET, include_headers=[b"from", b"subject"]) + octets


def delivered(room, mailbox="INBOX") -> bytes:
    room.work()
    (message,) = room.messages(SASMITA, mailbox)
    return message


def test_good_mail_comes_in_with_all_that_was_found_about_it(room):
    assert send(room.checked(world()), signed()) == "250"
    message = delivered(room)
    (results,) = [line for line in message.split(b"\r\n") if line.startswith(b"Authentication-Results")]
    assert results == b"Authentication-Results: mail.odisha.example;"
    for found in (
        b"iprev=pass policy.iprev=192.0.2.7",
        b"spf=pass",
        b"smtp.mailfrom=anna@peer.example",
        b"dkim=pass header.d=peer.example header.s=s header.a=rsa-sha256",
        b"dmarc=pass header.from=peer.example",
        b"X-Spam-Flag: NO\r\n",
        b"X-Spam-Status: No, score=",
    ):
        assert found in message
    assert message.index(b"\r\nReceived:") < message.index(b"Authentication-Results") < message.index(b"From: Anna")
    assert message.endswith(LETTER)


def test_the_verdict_travels_with_the_queued_message(room):
    send(room.checked(world()), signed())
    (queued,) = room.queue.list()
    verdict = queued.origin.verdict
    assert verdict is not None
    assert verdict.of("iprev").name.rstrip(".") == "mx.peer.example"
    assert [each.result for each in verdict.findings if each.check in ("spf", "dkim", "dmarc")] == ["pass"] * 3
    assert not verdict.junk
    assert verdict.of("spf").facts == (("smtp.mailfrom", "anna@peer.example"),)


def test_a_large_message_gets_its_fields_too_and_stays_whole(room):
    body = b"".join(b"line %06d of a long message\r\n" % number for number in range(20_000))
    assert send(room.checked(world()), signed(LETTER + body)) == "250"
    message = delivered(room)
    assert b"dkim=pass" in message
    assert message.endswith(LETTER + body)


def test_mail_its_owner_disowns_is_refused_before_anything_is_kept(room):
    gate = room.checked(world())
    forged = LETTER.replace(b"anna@peer.example", b"boss@bank.example")
    assert send(gate, forged).startswith("550 5.7.26 bank.example asks for reject")
    assert room.queue.list() == []
    assert send(gate, forged, sender="boss@bank.example").startswith("550 5.7.26")


@pytest.mark.parametrize(("policy", "mailbox"), [("quarantine", "Junk"), ("none", "INBOX")])
def test_quarantine_is_the_junk_folder_and_none_is_nothing(room, policy, mailbox):
    gate = room.checked(world(policy))
    assert send(gate, sender="x@other.example", origin=PEER) == "250"
    assert b"dmarc=fail" in delivered(room, mailbox)


def test_a_sender_its_domain_disowns_goes_into_junk_unless_somebody_signed(room):
    gate = room.checked(world())
    assert send(gate, signed(), sender="x@bank.example") == "250"
    assert b"spf=fail" in delivered(room)
    names = world()
    names.records.pop(("_dmarc.peer.example", "TXT"))
    assert send(room.checked(names), sender="x@bank.example") == "250"
    assert b"X-Spam-Flag: YES" in delivered(room, "Junk")


@pytest.mark.parametrize(
    ("octets", "sender"),
    [
        (LETTER.replace(b"anna@peer.example", b"minister@odisha.example"), "anna@peer.example"),
        (LETTER.replace(b"anna@peer.example", b"minister@ODISHA.example"), "anna@peer.example"),
        (b"From: minister@odisha.example\r\n" + LETTER, "anna@peer.example"),
        (LETTER.replace(b"<anna@peer.example>", b"<x@odisha.example> <anna@peer.example>"), "anna@peer.example"),
        (LETTER, "minister@odisha.example"),
    ],
)
def test_nobody_outside_is_one_of_ours(room, octets, sender):
    assert send(room.checked(world()), octets, sender=sender).startswith("550 5.7.")
    assert send(room.checked(None), octets, sender=sender).startswith("550 5.7.1")


def test_ours_from_outside_comes_in_once_it_proves_itself(room):
    names = world()
    names.add("s._domainkey.odisha.example", "TXT", "v=DKIM1; p=" + PUBLIC)
    ours = LETTER.replace(b"anna@peer.example", b"minister@odisha.example")
    assert send(room.checked(names), signed(ours, b"odisha.example"), sender="x@list.example") == "250"
    elsewhere = Origin("mx", address="192.0.2.99", helo="gateway.peer.example")
    assert send(room.checked(names), ours, origin=elsewhere, sender="minister@odisha.example") == "250"


def test_a_silent_dns_refuses_nobody_and_lets_no_forger_in(room):
    names = world()
    names.down = True
    assert send(room.checked(names)) == "250"
    message = delivered(room)
    assert b"spf=temperror" in message
    assert b"dmarc=temperror" in message
    ours = LETTER.replace(b"anna@peer.example", b"minister@odisha.example")
    assert send(room.checked(names), ours).startswith("451 4.7.0")


def test_one_key_that_cannot_be_had_is_no_reason_to_refuse(room):
    names = world()
    names.records["s._domainkey.peer.example", "TXT"] = [TIMEOUT]
    names.records["peer.example", "TXT"] = ["v=spf1 -all"]
    assert send(room.checked(names), signed()) == "250"


def test_fields_that_only_claim_to_be_ours_are_gone(room):
    forged = (
        b"Authentication-Results: mail.odisha.example; dmarc=pass\r\nX-Spam-Flag: NO\r\nX-Spam-Score: -50\r\n" + LETTER
    )
    assert (
        send(room.checked(world()), forged, sender="x@other.example")
        == "550 5.7.26 peer.example asks for reject of mail it does not vouch for (dmarc)"
    )
    assert send(room.checked(world("quarantine")), forged, sender="x@other.example") == "250"
    message = delivered(room, "Junk")
    assert message.count(b"Authentication-Results") == 1
    assert message.count(b"X-Spam-Flag") == 1
    assert b"-50" not in message


def test_a_gateway_of_ours_is_not_asked_who_it_is(room):
    names = world()
    gateway = Origin("mx", address="10.1.2.3", helo="x")
    ours = LETTER.replace(b"anna@peer.example", b"minister@odisha.example")
    assert send(room.checked(names, trusted=("10.0.0.0/8",)), ours, origin=gateway) == "250"
    assert names.asked == []
    assert b"Authentication-Results" not in delivered(room)


def test_a_trusted_sealer_excuses_what_a_list_did_to_a_message(room):
    names = world()
    names.add("s._domainkey.list.example", "TXT", "v=DKIM1; p=" + PUBLIC)
    results = b"Authentication-Results: list.example; dmarc=pass header.from=peer.example\r\n"
    through = b"".join(dkim.arc_sign(results + LETTER, b"s", b"list.example", SECRET, b"list.example")) + LETTER
    assert send(room.checked(names), through, sender="x@list.example").startswith("550 5.7.26")
    assert send(room.checked(names, sealers=("list.example",)), through, sender="x@list.example") == "250"


@pytest.mark.parametrize("helo", ["mail.odisha.example", "odisha.example", "localhost", "[127.0.0.1]"])
def test_nobody_greets_as_ourselves(room, helo):
    liar = Origin("mx", address=CLIENT, helo=helo)
    assert send(room.checked(world()), signed(), origin=liar).startswith("550 5.7.1")


def test_a_directory_that_is_away_makes_mail_wait(room):
    gate = room.checked(world())
    room.town.down = True
    assert send(gate, signed()).startswith("451")


def test_of_a_huge_header_the_beginning_is_looked_at_and_all_is_kept(room):
    huge = b"X: y\r\n" * 200_000 + LETTER
    assert send(room.checked(world()), huge) == "250"
    assert delivered(room, "Junk").endswith(huge)
    assert send(room.checked(world()), LETTER[: LETTER.index(b"\r\n\r\n")] + b"\r\n" + huge) == "250"


def test_what_waits_for_the_dns_leaves_room_for_others(room):
    names = world()
    gate = room.checked(names)
    replies = []

    def while_waiting(name):
        if len(replies) < 3:
            replies.append("")
            replies.append(send(gate))
        return ()

    names.txt = while_waiting
    send(gate)
    assert any(reply.startswith("451 4.3.2") for reply in replies)


def test_a_client_of_the_link_has_no_zone_in_its_address(room):
    names = world()
    assert send(room.checked(names), origin=Origin("mx", address="fe80::7%eth0", helo="mx.peer.example")).startswith(
        "550"
    )
    assert not any("%" in name for name, _ in names.asked)
