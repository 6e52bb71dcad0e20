"""Leaving a list by one press: each member outside has a link of its own, below a signature.  RFC 8058"""

import email
import re

import dkim
import pytest

from odcore import clock
from odcore.errors import Fault, Kind
from odmail.delivery.unsubscribing import Membership, Unsubscribing
from odmail.queue.model import Origin
from odtest.filters import LETTER, post_room
from odtest.postroom import BIBHU, COLLECTOR, HOST, SASMITA

ALL = "all@odisha.example"
FAR, FARTHER = "far@peer.example", "farther@peer.example"
OURS = (
    b"From: sasmita.nayak@odisha.example\r\nTo: all@odisha.example\r\nMessage-ID: <2@o>\r\nSubject: x\r\n\r\nbody\r\n"
)
SUBMITTED = Origin("submission", person=SASMITA.id)


@pytest.fixture
def room(tmp_path):
    made = post_room(tmp_path)
    made.town.aliases[ALL] = (BIBHU.address, FAR, FARTHER)
    made.town.owners[ALL] = COLLECTOR.address
    made.keys.generate("odisha.example")
    yield made
    made.close()


def copies(room) -> dict[str, tuple[email.message.Message, bytes]]:
    """What went outside, by whom it was for; nobody shares a copy."""
    assert all(len(shipment.envelope.recipients) == 1 for shipment, _ in room.peers.got)
    return {
        shipment.envelope.recipients[0].address: (email.message_from_bytes(octets), octets)
        for shipment, octets in room.peers.got
    }


def token(message: email.message.Message) -> str:
    return re.search(rf"<https://{re.escape(HOST)}/unsubscribe\?t=([\w-]+)>", message["List-Unsubscribe"])[1]


def signed(room, octets: bytes) -> list[bytes]:
    """The names that a valid signature covers."""
    records = {key.record_name + ".": key.record.encode() for key in room.keys.of("odisha.example")}
    made = dkim.DKIM(octets)
    assert made.verify(dnsfunc=lambda name, **_: records.get(name.decode()))
    return [name.lower() for name, _ in made.signed_headers]


@pytest.mark.parametrize(("octets", "origin"), [(OURS, SUBMITTED), (LETTER, Origin("mx"))])
def test_each_member_outside_gets_a_link_of_its_own_below_a_signature(room, octets, origin):
    """Whoever wrote the message; asking the owner by mail stays possible, and stands behind."""
    room.accept(octets, ALL, origin=origin)
    room.work()
    got = copies(room)
    assert set(got) == {FAR, FARTHER}
    for member, (message, sent) in got.items():
        assert room.unsubscribing.read(token(message)) == Membership(ALL, member)
        assert message.get_all("List-Unsubscribe-Post") == ["List-Unsubscribe=One-Click"]
        (ways,) = message.get_all("List-Unsubscribe")
        assert ways.endswith(f"<mailto:{COLLECTOR.address}?subject=leave%20{ALL}>")
        assert {b"list-unsubscribe", b"list-unsubscribe-post"} <= set(signed(room, sent))
        assert sent.endswith(octets.partition(b"\r\n\r\n")[2])


def test_people_of_the_house_share_one_body_without_links(room):
    """They ask the owner, as official lists want it."""
    room.accept(LETTER, ALL)
    room.work()
    message = email.message_from_bytes(room.messages(BIBHU)[0])
    assert "https" not in message["List-Unsubscribe"]
    assert message["List-Unsubscribe-Post"] is None


def test_without_a_signature_no_program_is_asked_to_press(room, tmp_path):
    """RFC 8058 3.1: the fields must be covered by one. The link itself is there for people."""
    for path in (tmp_path / "keys").rglob("*.pem"):
        path.unlink()
    room.accept(LETTER, ALL)
    room.work()
    message, _ = copies(room)[FAR]
    assert token(message)
    assert message["List-Unsubscribe-Post"] is None


def test_what_another_list_sent_keeps_its_own_way_out(room):
    room.accept(b"List-Id: <other.peer.example>\r\nList-Unsubscribe: <mailto:x@peer.example>\r\n" + LETTER, ALL)
    room.work()
    message, _ = copies(room)[FAR]
    assert message.get_all("List-Unsubscribe") == ["<mailto:x@peer.example>"]


def test_a_senders_own_list_fields_go_no_further(room):
    """RFC 2369 4: they would take the list itself off somewhere, or lead its members astray."""
    forged = b"List-Unsubscribe: <https://evil.example/>\r\nList-unsubscribe-post: List-Unsubscribe=One-Click\r\n"
    room.accept(forged + b"LIST-HELP: <https://evil.example/>\r\n" + LETTER, ALL)
    room.work()
    for octets in (room.messages(BIBHU)[0], copies(room)[FAR][1]):
        assert b"evil.example" not in octets


def test_fields_beyond_all_that_is_looked_at_leave_as_they_are(room):
    """Nothing of the message is lost, and nothing of ours gets in."""
    huge = (
        b"List-Id: <other.peer.example>\r\n" + b"".join(b"X-Line: %060d\r\n" % each for each in range(16000)) + LETTER
    )
    room.accept(b"Return-Path: <x@peer.example>\r\n" + huge, ALL)
    room.work()
    _, octets = copies(room)[FAR]
    assert octets.endswith(huge)
    assert b"eturn-Path" not in octets


@pytest.fixture
def links(tmp_path):
    return Unsubscribing(tmp_path / "keys" / "unsubscribe", lambda: "https://mail.odisha.example")


def refused(links: Unsubscribing, token: str) -> bool:
    with pytest.raises(Fault) as caught:
        links.read(token)
    return caught.value.kind is Kind.NOT_FOUND


def test_a_link_that_was_touched_anywhere_is_none(links, tmp_path):
    """Each letter counts, and so does whose secret it was made with."""
    made = links.link(ALL, "ଓଡ଼ିଆ@peer.example").partition("?t=")[2]
    assert links.read(made) == Membership(ALL, "ଓଡ଼ିଆ@peer.example")
    for at, letter in enumerate(made[:-1]):  # the last one's low bits say nothing
        assert refused(links, made[:at] + ("A" if letter != "A" else "B") + made[at + 1 :])
    for wrong in ("", "x", "%", made[:-4], made + "AAAA", "ଓ", "\0"):
        assert refused(links, wrong)
    assert refused(Unsubscribing(tmp_path / "other", lambda: "https://x"), made)


def test_a_link_lives_as_long_as_the_trace_of_its_mail(links, monkeypatch):
    """400 days."""
    made = links.link(ALL, FAR).partition("?t=")[2]
    now = clock.timestamp()
    monkeypatch.setattr(clock, "timestamp", lambda: now + 400 * 86400)
    assert links.read(made).member == FAR
    monkeypatch.setattr(clock, "timestamp", lambda: now + 402 * 86400)
    assert refused(links, made)
