"""Slowing down guessing, with a clock of its own."""

import msgspec
import pytest

from odcore.errors import Fault, Kind
from odcore.identity.throttle import Throttle, Tried

HOME, OFFICE, ATTACKER = "203.0.113.9", "198.51.100.20", "192.0.2.66"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Clock:
    return Clock()


@pytest.fixture
def throttle(time: Clock) -> Throttle:
    return Throttle(time)


def blocked(throttle: Throttle, account: str, address: str) -> bool:
    try:
        throttle.check(account, address)
    except Fault as fault:
        return fault.kind is Kind.LIMIT
    return False


def test_a_few_typing_errors_cost_nothing(throttle: Throttle) -> None:
    for _ in range(5):
        throttle.failed("sasmita", HOME)
    assert not blocked(throttle, "sasmita", HOME)


def test_delays_double_and_end(throttle: Throttle, time: Clock) -> None:
    """1, 2, 4 ... seconds, at most five minutes, and after any number of failures it ends."""
    waits = []
    for _ in range(40):
        throttle.failed("sasmita", HOME)
        begun = time.now
        while blocked(throttle, "sasmita", HOME):
            time.now += 0.25
        waits.append(time.now - begun)
    assert waits[4] == 0
    assert 0.5 <= waits[5] <= 1
    assert waits[8] > 2 * waits[6] > 0
    assert max(waits) <= 300


def test_failures_are_forgotten(throttle: Throttle, time: Clock) -> None:
    for _ in range(6):
        throttle.failed("sasmita", HOME)
    time.now += 3600
    throttle.failed("sasmita", HOME)
    assert not blocked(throttle, "sasmita", HOME)


def test_a_success_forgives_the_pair(throttle: Throttle) -> None:
    for _ in range(6):
        throttle.failed("sasmita", HOME)
    throttle.succeeded("sasmita", HOME)
    assert not blocked(throttle, "sasmita", HOME)


def test_strangers_do_not_lock_the_owner_out(throttle: Throttle) -> None:
    """Guessing from many hosts slows other new hosts down, not the one the owner signs in from."""
    throttle.succeeded("sasmita", HOME)
    for n in range(200):
        throttle.failed("sasmita", f"10.{n}.0.1")
    assert blocked(throttle, "sasmita", ATTACKER)
    assert not blocked(throttle, "sasmita", HOME)


def test_a_host_that_tries_everybody_is_slowed_down(throttle: Throttle) -> None:
    """And an account of one's own does not clear the host."""
    for n in range(60):
        throttle.failed(f"account{n}", ATTACKER)
    assert blocked(throttle, "fresh", ATTACKER)
    throttle.succeeded("attackers.own", ATTACKER)
    assert blocked(throttle, "fresh", ATTACKER)
    assert not blocked(throttle, "fresh", OFFICE)


@pytest.mark.parametrize("template", ["192.0.2.{}", "2001:db8:0:{:x}::1", "::ffff:192.0.2.{}"])
def test_a_neighborhood_is_slowed_down(throttle: Throttle, template: str) -> None:
    """/24 of IPv4, also inside IPv6, and /48 of IPv6."""
    for n in range(450):
        throttle.failed(f"account{n}", template.format(n % 250))
    assert blocked(throttle, "fresh", template.format(251))


def test_one_ipv6_host_is_its_64(throttle: Throttle) -> None:
    for n in range(60):
        throttle.failed(f"account{n}", f"2001:db8::{n:x}")
    assert blocked(throttle, "fresh", "2001:db8::ffff:1")
    assert not blocked(throttle, "fresh", "2001:db8:1::1")


def test_memory_is_bounded(time: Clock) -> None:
    throttle = Throttle(time, most=100)
    for n in range(1000):
        throttle.failed(f"account{n}", f"10.0.{n % 250}.{n // 250}")
    assert len(throttle._counts) <= 100


def test_odd_addresses_count_together(throttle: Throttle) -> None:
    for _ in range(6):
        throttle.failed("sasmita", "unix")
    assert blocked(throttle, "sasmita", "")


def test_processes_of_a_node_count_together() -> None:
    """Three workers give no more free tries than one, and what is forgiven is forgiven everywhere; once each."""
    told: list[Tried] = []
    workers = [Throttle(lambda: 0.0, publish=told.append) for _ in range(3)]

    def spread() -> None:
        for tried in told:
            for worker in workers:  # the bus tells the one who published, too
                worker.heard(msgspec.msgpack.decode(msgspec.msgpack.encode(tried), type=Tried))
        told.clear()

    for number in range(5):
        workers[number % 3].failed("a", "192.0.2.7")
        spread()
    for worker in workers:
        worker.check("a", "192.0.2.7")
    workers[0].failed("a", "192.0.2.7")
    spread()
    for worker in workers:
        with pytest.raises(Fault):
            worker.check("a", "192.0.2.7")
    workers[1].succeeded("a", "192.0.2.7")
    spread()
    for worker in workers:
        worker.check("a", "192.0.2.7")
    workers[1].succeeded("a", "192.0.2.7")
    assert not told  # nothing new: sign-ins by the thousand are no traffic


def test_what_was_typed_is_not_shown() -> None:
    """P29: people type passwords into the field for the name."""
    assert "hunter2" not in repr(Tried("x", "hunter2", "192.0.2.7", right=False))
