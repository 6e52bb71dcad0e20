"""A server that is away is found out once a minute, however much there is for it; others do not wait for that."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from odcore import clock
from odmail.delivery.breaker import PAUSE, Breaker
from odmail.delivery.outcomes import deferred, delivered, failed
from odmail.queue.model import State, Status
from odtest.postroom import SASMITA, PostRoom

LETTER = b"From: a@peer.example\r\nSubject: hello\r\n\r\nbody\r\n"
AWAY = replace(deferred("4.4.1", "Connection refused"), turned_away=True)
MANY = 400


class Clock:
    instant = 100.0

    def __call__(self) -> float:
        return self.instant


@pytest.fixture
def now() -> Clock:
    return Clock()


@pytest.fixture
def breaker(now: Clock) -> Breaker:
    return Breaker(8, now)


def stands(breaker: Breaker) -> list[tuple[str, str, int]]:
    return sorted((each.name, each.state.value, each.at_once) for each in breaker.changes())


def test_who_is_away_is_left_alone_for_a_minute(breaker, now):
    breaker.note("dead.example", [AWAY], now())
    assert breaker.away("dead.example") is AWAY
    assert breaker.away("living.example") is None
    now.instant += PAUSE
    assert breaker.away("dead.example") is None


def test_rests_grow_up_to_a_bound_and_begin_anew_for_who_answered(breaker, now):
    rests = []
    for answer in [AWAY] * 5 + [delivered("taken")] + [AWAY] * 2:
        breaker.note("dead.example", [answer], now())
        began = now.instant
        while breaker.away("dead.example"):
            now.instant += 1
        rests.append(now.instant - began)
    assert rests == [60, 120, 240, 300, 300, 0, 0, 60]  # who was served and then is not is looked at once more


@pytest.mark.parametrize(
    "outcomes",
    [[delivered("taken")], [failed("5.1.1", "nobody")], [deferred("4.2.0", "busy")], [AWAY, deferred("4.2.0", "busy")]],
)
def test_who_answers_is_not_away_and_is_not_held_to_what_was_before(breaker, now, outcomes):
    breaker.note("peer.example", [AWAY], now())
    breaker.note("peer.example", outcomes, now())
    assert breaker.away("peer.example") is None


def test_who_has_too_many_of_us_gets_half_of_it_and_a_scout_first(breaker, now):
    breaker.note("busy.example", [delivered("taken")], now())
    assert breaker.width("busy.example") == 8
    now.instant += 1
    breaker.note("busy.example", [AWAY], now())
    assert (breaker.width("busy.example"), breaker.away("busy.example")) == (0, None)
    breaker.note("busy.example", [delivered("taken")], now())
    assert breaker.width("busy.example") == 4


def test_those_who_knocked_together_and_were_turned_away_together_count_as_one(breaker, now):
    breaker.note("busy.example", [delivered("taken")], now())
    together = now()
    for _ in range(7):
        now.instant += 1
        breaker.note("busy.example", [AWAY], together)
    assert breaker.away("busy.example") is None
    breaker.note("busy.example", [delivered("taken")], together)
    assert breaker.width("busy.example") == 4


def test_conversations_come_back_with_time_and_one_is_always_left(breaker, now):
    for _ in range(9):
        breaker.note("busy.example", [delivered("taken")], now())
        breaker.note("busy.example", [AWAY], now())
    breaker.note("busy.example", [delivered("taken")], now())
    widths = []
    for _ in range(9):
        widths.append(breaker.width("busy.example"))
        now.instant += 37.5  # 300 s for all 8
    assert widths == [1, 2, 3, 4, 5, 6, 7, 8, 8]


def test_it_is_told_how_destinations_stand_and_told_once(breaker, now):
    breaker.note("peer.example", [delivered("taken")], now())
    assert stands(breaker) == []
    for _ in range(2):
        breaker.note("peer.example", [AWAY], now())
    breaker.note("busy.example", [delivered("taken")], now())
    breaker.note("busy.example", [AWAY], now())
    [resting] = [each for each in breaker.changes() if each.name == "peer.example"]
    assert (resting.state, resting.reply) == (State.RESTING, AWAY.reply)
    assert abs(resting.until - clock.timestamp() - PAUSE) <= 1
    breaker.note("peer.example", [delivered("taken")], now())
    assert stands(breaker) == [("peer.example", "narrowed", 4)]
    now.instant += 300
    for name in ("peer.example", "busy.example"):
        breaker.note(name, [delivered("taken")], now())
    assert stands(breaker) == [("busy.example", "open", 0), ("peer.example", "open", 0)]
    assert stands(breaker) == []


def test_those_that_are_over_are_forgotten_when_there_are_many(breaker, now):
    for number in range(10_000):
        breaker.note(f"{number}.example", [AWAY], now())
    now.instant += 300
    breaker.note("dead.example", [AWAY], now())
    assert list(breaker._troubles) == ["dead.example"]


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


def test_who_answered_is_known_for_an_hour_and_who_was_never_asked_is_new(breaker, now):
    assert breaker.is_new("peer.example")
    breaker.note("peer.example", [delivered("taken")], now())
    breaker.note("dead.example", [AWAY], now())
    assert [breaker.width(each) for each in ("peer.example", "dead.example")] == [8, 0]
    assert not breaker.is_new("peer.example")
    assert not breaker.is_new("dead.example")
    now.instant += 3600
    assert breaker.width("peer.example") == 0


def test_the_first_knock_is_short_and_the_next_one_patient(tmp_path: Path):
    room = PostRoom(tmp_path)
    room.names.hosts["dead.example"] = ("192.0.2.1",)
    room.peers.answer = lambda _: AWAY
    pipeline, remote = room.pipeline()
    now = Clock()
    remote._breaker.now = now
    name = room.accept(LETTER, "x@dead.example", sender=SASMITA.address)
    for _ in range(2):
        pipeline.round()
        remote.drain()
        room.queue.retry([name])
        now.instant += PAUSE
    assert [shipment.patience for shipment, _ in room.peers.got] == [4, None]
    remote.close()
    room.close()
