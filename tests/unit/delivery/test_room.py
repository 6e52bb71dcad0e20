"""More than there is room for: it waits in the queue, leaves once there is room, and leaves once."""

from pathlib import Path

import pytest

from odcore import clock
from odcore.blob.incoming import Memory
from odmail.delivery import lanes, pipeline
from odmail.delivery.remote import Going
from odmail.queue.api import Accept
from odmail.queue.model import Envelope, Origin, Recipient
from odmail.queue.store import LEASE
from odtest.postroom import PostRoom

LETTER = b"From: a@peer.example\r\nTo: all\r\nSubject: hello\r\n\r\nbody\r\n"


@pytest.fixture
def room(tmp_path: Path):
    made = PostRoom(tmp_path)
    made.names.hosts["peer.example"] = ("192.0.2.9",)
    yield made
    made.close()


def test_what_finds_the_lanes_full_leaves_as_soon_as_there_is_room(room, monkeypatch):
    monkeypatch.setitem(lanes._MOST, False, 1)
    monkeypatch.setitem(lanes._MOST, True, 2)
    for number in range(40):
        room.accept(LETTER, f"u{number}@peer.example")
    pipeline, remote = room.pipeline()
    for _ in range(100):
        pipeline.round()
        remote.drain()
    remote.close()
    assert len(room.peers.got) == 40
    assert room.queue.list() == []


def test_what_found_no_room_moves_on_however_much_comes_in(room, monkeypatch):
    """And what comes in moves on, too."""
    monkeypatch.setattr(pipeline, "BATCH", 4)
    monkeypatch.setattr(pipeline, "_FETCHED", 2)
    monkeypatch.setitem(lanes._MOST, False, 1)
    monkeypatch.setitem(lanes._MOST, True, 2)
    room.names.hosts["other.example"] = ("192.0.2.8",)
    for number in range(12):
        room.accept(LETTER, f"old{number}@peer.example")
    worker, remote = room.pipeline()
    for number in range(120):
        room.accept(LETTER, f"new{number}@other.example")
    for _ in range(30):
        worker.round()
        remote.drain()
    remote.close()
    got = [shipment.envelope.recipients[0].address[:3] for shipment, _ in room.peers.got]
    assert got.count("old") == 12
    assert got.count("new") >= 12


def test_a_message_that_waited_longer_than_its_lease_is_not_sent_twice(room):
    now = clock.timestamp()
    envelope = Envelope("a@peer.example", (Recipient("u@peer.example"), Recipient("v@peer.example")))
    room.queue.accept(Accept(envelope, Origin("mx"), Memory(LETTER), due=now - 2 * LEASE))
    _, remote = room.pipeline()
    (early,) = room.queue.lease(10, now - 2 * LEASE)
    (leased,) = room.queue.lease(10, now)
    for each in (early, leased, early):
        remote.send([Going(each, one, one.recipient.address) for one in each.due])
    remote.drain()
    remote.close()
    assert len(room.peers.got) == 1
    assert room.queue.list() == []
