"""The hourly duty is done soon after a start, then each hour."""

import contextlib
from types import SimpleNamespace

from odcore import clock
from odsuite import rhythm


def test_a_process_that_lives_for_minutes_does_its_duty_and_one_that_lives_long_does_it_hourly(monkeypatch):
    now, done, looks = [1000.0], [], []

    async def duty() -> None:
        done.append(now[0])

    def run(work) -> None:
        with contextlib.suppress(StopIteration):
            work.send(None)

    monkeypatch.setattr(clock, "monotonic", lambda: now[0])
    process = SimpleNamespace(every=lambda seconds, call: looks.append((seconds, call)), spawn=run)
    rhythm.hourly(process, duty)
    [(seconds, look)] = looks
    assert seconds <= 60
    for _ in range(125):
        now[0] += seconds
        look()
    assert done == [1060.0, 4660.0, 8260.0]
