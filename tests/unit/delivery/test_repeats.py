"""RFC 1047: who lost our 250 sends a message once more, and its reader gets it once."""

from pathlib import Path

import msgspec
import pytest

from odcore import clock
from odcore.blob.incoming import Memory
from odmail.delivery import repeats
from odmail.delivery.local import Drop, Letter
from odmail.delivery.repeats import Recent
from odmail.history.trace import Wanted, trace
from odmail.queue.model import Status
from odtest.filters import LETTER
from odtest.postroom import BIBHU, COLLECTOR, SASMITA, PostRoom

TRACE = b"Return-Path: <a@peer.example>\r\nReceived: by mail.odisha.example id %d\r\n"


@pytest.fixture
def room(tmp_path: Path):
    made = PostRoom(tmp_path)
    yield made
    made.close()


def come(room: PostRoom, *letters: bytes, to: str = SASMITA.address, **more: object) -> int:
    """How many are in the mailbox afterwards."""
    for number, letter in enumerate(letters):
        room.accept(TRACE % number + letter, to, **more)
    room.work()
    assert room.queue.list() == []  # all is told to be delivered
    return len(room.messages(SASMITA))


def test_the_same_message_is_there_once_in_a_batch_and_later(room):
    assert come(room, LETTER, LETTER) == 1
    assert come(room, LETTER, LETTER.replace(b"body", b"more")) == 2
    room.history.flush()
    stories = trace(room.history, lambda *_, **__: None, "cli:test", Wanted("<1@peer.example>"))
    replies = [event.facts["reply"] for story in stories for event in story.events if event.what == "delivered"]
    assert sorted(replies) == [
        "250 2.0.0 delivered a moment ago, when it was sent the first time",
        *["250 2.0.0 delivered to INBOX"] * 3,
    ]


def test_after_ten_minutes_it_comes_again(room, monkeypatch):
    assert come(room, LETTER) == 1
    later = clock.monotonic() + 601
    monkeypatch.setattr(clock, "monotonic", lambda: later)
    assert come(room, LETTER) == 2


@pytest.mark.parametrize(
    ("letter", "more"),
    [
        (LETTER.replace(b"hello", b"hullo"), {}),
        (b"Received: by another.example\r\n" + LETTER, {}),
        (b"Received: by another.example\r\n" + LETTER, {"sender": "b@peer.example"}),
        (LETTER, {"sender": "b@peer.example"}),
        (LETTER, {"to": "sasmita.nayak+lists@odisha.example"}),
    ],
)
def test_what_differs_in_anything_but_our_trace_is_another_message(room, letter, more):
    assert come(room, LETTER) == 1
    assert come(room, letter, **more) == 2


def test_without_a_message_id_alike_is_not_the_same(room):
    alarm = LETTER.replace(b"Message-ID: <1@peer.example>\r\n", b"")
    assert come(room, alarm, alarm) == 2


def test_what_is_not_taken_now_is_tried_again(room):
    letter = Letter("1", Memory(LETTER), 1)
    for account, status, there in (
        (msgspec.structs.replace(SASMITA, quota=10), Status.WAITING, 0),
        (SASMITA, Status.DELIVERED, 1),
    ):
        outcomes = room.local.deliver([Drop(letter, account, SASMITA.address)] * 2)
        assert [each.status for each in outcomes] == [status] * 2
        assert len(room.messages(SASMITA)) == there


def test_only_so_many_are_remembered(monkeypatch):
    monkeypatch.setattr(repeats, "_MOST", 3)
    recent = Recent()
    recent.add([b"1", b"2", b"3", b"1", b"4"])
    assert [each in recent for each in (b"1", b"2", b"3", b"4")] == [True, False, True, True]


def test_another_mailbox_has_its_own(room):
    for account in (SASMITA, BIBHU, COLLECTOR):
        room.accept(LETTER, account.address)
    room.work()
    assert [len(room.messages(account)) for account in (SASMITA, BIBHU, COLLECTOR)] == [1, 1, 1]
