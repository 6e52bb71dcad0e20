"""kill -9 of any process, and of all, in the middle of work: what was acknowledged is there, and invariants hold."""

import contextlib
import os
import random
import signal
import time

import pytest

from odtest.daemon import Daemon, running, until
from odtest.streams import Appender, Sender, Stream, check_mail

SENDERS = 3
APPENDERS = 2
EACH = 400  # 3 x 400 deliveries and 2 x 400 APPENDs


def kill_something(house: Daemon, chance: random.Random) -> None:
    """One process, or now and then all of them at once, the supervisor too."""
    if chance.random() < 0.25:
        house.kill_all()
        house.start()
    else:
        victims = [each["pid"] for each in house.health()["processes"] if each["pid"]]
        with contextlib.suppress(ProcessLookupError):
            os.kill(chance.choice(victims), signal.SIGKILL)


@pytest.mark.timeout(420)
def test_nothing_acknowledged_is_lost_while_processes_are_killed():
    chance = random.Random(20261123)
    fixed = {"workers": 2}
    with running(**{f"process.{name}": value for name, value in fixed.items()}) as house:
        streams: list[Stream] = [Sender(house, f"smtp{number}", EACH) for number in range(SENDERS)]
        streams += [Appender(house, f"append{number}", EACH) for number in range(APPENDERS)]
        for stream in streams:
            stream.start()
        kills = 0
        while any(stream.is_alive() for stream in streams):
            time.sleep(chance.uniform(0.3, 1.5))
            with contextlib.suppress(OSError, ValueError):
                kill_something(house, chance)
                kills += 1
        for stream in streams:
            stream.join()
        until(lambda: house.health()["status"] == "ok", "all is back", 60)
        assert [len(stream.acknowledged) for stream in streams] == [EACH] * len(streams), f"{kills} kills"
        assert kills >= 3
        check_mail(house, streams)
        assert "BAD" not in house.odmail("doctor", "--octets")
