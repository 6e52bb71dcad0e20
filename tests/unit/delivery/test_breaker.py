"""A server that is away is found out once a minute, however much there is for it; others do not wait for that."""

from pathlib import Path

import pytest

from odmail.delivery.breaker import PAUSE, Breaker
from odmail.delivery.outcomes import deferred, delivered, failed
from odmail.queue.model import Status
from odtest.postroom import SASMITA, PostRoom

LETTER = b"From: a@peer.example\r\nSubject: hello\r\n\r\nbody\r\n"
AWAY = deferred("4.4.1", "Connection refused")
MANY = 400


class Clock:
    instant = 100.0

    def __call__(self) -> float:
        return self.instant


def test_who_is_away_is_left_alone_for_a_minute():
    now = Clock()
    breaker = Breaker(now)
    breaker.note("dead.example", [AWAY])
    assert breaker.away("dead.example") is AWAY
    assert breaker.away("living.example") is None
    now.instant += PAUSE
    assert breaker.away("dead.example") is None


@pytest.mark.parametrize(
    "outcomes",
    [[delivered("taken")], [failed("5.1.1", "nobody")], [deferred("4.2.0", "busy")], [AWAY, deferred("4.2.0", "busy")]],
)
def test_who_answers_is_not_away_and_is_not_held_to_what_was_before(outcomes):
    breaker = Breaker(Clock())
    breaker.note("peer.example", [AWAY])
    breaker.note("peer.example", outcomes)
    assert breaker.away("peer.example") is None


def test_those_that_are_over_are_forgotten_when_there_are_many():
    now = Clock()
    breaker = Breaker(now)
    for number in range(10_000):
        breaker.note(f"{number}.example", [AWAY])
    now.instant += PAUSE
    breaker.note("dead.example", [AWAY])
    assert list(breaker._away) == ["dead.example"]


def test_mail_for_a_dead_server_costs_a_few_attempts_and_the_living_get_theirs(tmp_path: Path):
    room = PostRoom(tmp_path)
    room.names.hosts |= {"dead.example": ("192.0.2.1",), "living.example": ("192.0.2.2",)}
    room.peers.answer = lambda address: AWAY if address.endswith("dead.example") else delivered("taken")
    for number in range(MANY):
        room.accept(LETTER, f"{number}@{('dead', 'living')[number % 2]}.example", sender=SASMITA.address)
    room.work()
    asked = [shipment.hosts[0].name for shipment, _ in room.peers.got]
    assert asked.count("living.example") == MANY // 2
    assert 1 <= asked.count("dead.example") <= room.settings.at_once_each
    waiting = [each.recipients[0] for each in room.queue.list()]
    assert len(waiting) == MANY // 2
    assert {(each.status, each.attempts, each.last_reply) for each in waiting} == {(Status.WAITING, 1, AWAY.reply)}
    room.close()


def test_who_answered_is_known_for_an_hour_and_who_was_never_asked_is_new():
    now = Clock()
    breaker = Breaker(now)
    assert breaker.is_new("peer.example")
    breaker.note("peer.example", [delivered("taken")])
    breaker.note("dead.example", [AWAY])
    assert [breaker.is_known(each) for each in ("peer.example", "dead.example")] == [True, False]
    assert not breaker.is_new("peer.example")
    assert not breaker.is_new("dead.example")
    now.instant += 3600
    assert not breaker.is_known("peer.example")


def test_the_first_knock_is_short_and_the_next_one_patient(tmp_path: Path):
    room = PostRoom(tmp_path)
    room.names.hosts["dead.example"] = ("192.0.2.1",)
    room.peers.answer = lambda _: AWAY
    pipeline, remote = room.pipeline()
    now = Clock()
    remote._breaker._now = now
    name = room.accept(LETTER, "x@dead.example", sender=SASMITA.address)
    for _ in range(2):
        pipeline.round()
        remote.drain()
        room.queue.retry([name])
        now.instant += PAUSE
    assert [shipment.patience for shipment, _ in room.peers.got] == [4, None]
    remote.close()
    room.close()
