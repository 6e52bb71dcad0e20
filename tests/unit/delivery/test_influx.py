"""A mail bomb: what is too much for one address waits outside, and everybody else gets theirs."""

from pathlib import Path

import pytest

from odcore import clock
from odcore.errors import Fault, Kind
from odmail.delivery import influx
from odmail.queue.model import Envelope, Origin, Recipient
from odtest.postroom import BIBHU, COLLECTOR, SASMITA, PostRoom

OUTSIDE, GATEWAY = Origin("mx", "198.51.100.7", "mx.peer.example"), Origin("mx", "127.0.0.1", "gateway")
LETTER = b"From: a@peer.example\r\nSubject: x\r\n\r\nbody\r\n"


@pytest.fixture
def gate(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(influx, "_MOST", 3)
    room = PostRoom(tmp_path)
    yield room.checked()
    room.close()


def come(gate, *addresses: str, origin: Origin = OUTSIDE) -> None:
    for address in addresses:
        if not gate.knows(address):
            gate.recipient(address, None)
    inbound = gate.receive(Envelope("a@peer.example", tuple(map(Recipient, addresses))), origin, None)
    inbound.write(LETTER)
    inbound.finish()


def test_after_so_many_an_address_gets_no_more_for_now_and_others_do(gate, monkeypatch):
    for detail in ("", "+lists", ""):
        come(gate, SASMITA.address.replace("@", f"{detail}@"), BIBHU.address)
        come(gate, COLLECTOR.address, origin=GATEWAY)  # does not count
    for address in (SASMITA.address, SASMITA.address.upper(), BIBHU.address):
        assert not gate.knows(address)
        with pytest.raises(Fault, match="Too much mail") as fault:
            gate.recipient(address, None)
        assert (fault.value.kind, fault.value.enhanced) == (Kind.TRY_LATER, "4.2.1")
    come(gate, COLLECTOR.address)
    later = clock.monotonic() + 601
    monkeypatch.setattr(clock, "monotonic", lambda: later)
    come(gate, SASMITA.address)


def test_a_message_for_two_names_of_a_mailbox_counts_once(gate):
    for _ in range(2):
        come(gate, SASMITA.address, SASMITA.address.replace("@", "+a@"))
    come(gate, SASMITA.address)
