"""One client outside may bring so much within a minute: more is asked to come again, and others do not notice."""

from pathlib import Path

import pytest

from odcore import clock
from odcore.errors import Kind
from odmail.delivery.ports import Refused
from odmail.queue.model import Envelope, Origin, Recipient
from odtest.postroom import SASMITA, PostRoom

LETTER = b"From: a@peer.example\r\nSubject: x\r\n\r\nbody\r\n"
FAST = "198.51.100.7"


@pytest.fixture
def room(tmp_path: Path):
    made = PostRoom(tmp_path)
    yield made
    made.close()


def come(gate, address: str, recipients: int = 1) -> str:
    """A message; "" or what was said instead."""
    names = tuple(Recipient(SASMITA.address.replace("@", f"+{number}@")) for number in range(recipients))
    envelope, origin = Envelope("a@peer.example", names), Origin("mx", address, "mx.peer.example")
    try:
        inbound = gate.receive(envelope, origin, None)
    except Refused as refused:
        return f"{refused.kind.value} {refused.enhanced} {refused.text}"
    inbound.write(LETTER)
    inbound.finish()
    return ""


def test_who_brings_too_much_waits_for_the_minute_to_end(room, monkeypatch):
    """Others come in meanwhile; what is refused counts, so hurry does not help."""
    gate = room.checked(messages_per_minute=3)
    assert [come(gate, FAST) for _ in range(3)] == [""] * 3
    said = f"{Kind.TRY_LATER.value} 4.7.1 Too many messages or recipients from {FAST} within a minute"
    assert come(gate, FAST).startswith(said)
    assert come(gate, f"::ffff:{FAST}") != ""
    assert come(gate, "198.51.100.8") == ""
    assert len(room.queue.list()) == 4
    later = clock.monotonic() + 61
    monkeypatch.setattr(clock, "monotonic", lambda: later)
    assert come(gate, FAST) == ""


def test_recipients_count_too(room):
    """Each five as one message."""
    gate = room.checked(messages_per_minute=3)
    assert come(gate, FAST, 10) == ""
    assert come(gate, FAST, 6) != ""


def test_neighbours_in_one_network_of_ipv6_are_one_client(room):
    gate = room.checked(messages_per_minute=1)
    assert come(gate, "2001:db8::1") == ""
    assert come(gate, "2001:db8::2") != ""
    assert come(gate, "2001:db8:0:1::1") == ""


def test_our_own_gateways_and_nobodys_limit_are_not_counted(room):
    gate, free = room.checked(messages_per_minute=1), room.checked(messages_per_minute=0)
    assert [come(gate, "127.0.0.1") for _ in range(3)] == [""] * 3
    assert [come(free, FAST) for _ in range(3)] == [""] * 3
