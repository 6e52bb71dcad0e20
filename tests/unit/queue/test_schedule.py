"""Retries: minutes at first, hours later, for days."""

from hypothesis import given
from hypothesis import strategies as st

from odmail.queue.schedule import is_late, is_over, next_attempt


@given(st.integers(0, 10_000), st.integers(0, 2**33))
def test_the_next_attempt_is_between_a_minute_and_four_hours_away(attempts, instant):
    assert 60 <= next_attempt(attempts, instant) - instant <= 4 * 3600


def test_delays_grow_and_messages_drift_apart():
    first = {next_attempt(1, 0) for _ in range(50)}
    late = {next_attempt(8, 0) for _ in range(50)}
    assert max(first) < 200 < min(late)
    assert len(first) > 5


def test_a_message_is_over_after_its_lifetime_and_late_after_the_notice():
    assert not is_over(1000, 1099, 100)
    assert is_over(1000, 1100, 100)
    assert not is_late(1000, 1099, 100)
    assert is_late(1000, 1100, 100)
    assert not is_late(1000, 9999, 0)  # 0: never
