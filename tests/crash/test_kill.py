"""kill -9 of any process, and of all, in the middle of work: what was acknowledged is there, and invariants hold."""

import contextlib
import imaplib
import os
import random
import re
import signal
import smtplib
import threading
import time
from collections import Counter

import pytest

from odtest.daemon import Daemon, running, until

SASMITA = "sasmita.nayak@odisha.example"
READERS = ["bibhuti.das@odisha.example", "mamata.jena@odisha.example", "abdul.rahim@odisha.example"]
SENDERS = 3
APPENDERS = 2
EACH = 400  # 3 x 400 deliveries and 2 x 400 APPENDs

OVER = (OSError, EOFError, smtplib.SMTPException, imaplib.IMAP4.error)
"""What a client sees of a server that died."""


def text(message_id: str) -> bytes:
    return f"Message-ID: {message_id}\r\nSubject: crash\r\n\r\n{message_id}\r\n".encode()


class Stream(threading.Thread):
    """One client that goes on until `EACH` messages are acknowledged, connecting again whenever it must."""

    def __init__(self, house: Daemon, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self.house = house
        self.acknowledged: list[str] = []
        self.sent = 0

    def run(self) -> None:
        end = time.monotonic() + 200
        while len(self.acknowledged) < EACH and time.monotonic() < end:
            with contextlib.suppress(*OVER):
                self.connected()
            time.sleep(0.01)

    def next_id(self) -> str:
        self.sent += 1  # an id is never sent twice, whether it was acknowledged or not
        return f"<{self.name}-{self.sent}@crash.example>"

    def connected(self) -> None:
        raise NotImplementedError


class Sender(Stream):
    """From the outside, to each reader in turn."""

    def connected(self) -> None:
        with self.house.mx() as client:
            while len(self.acknowledged) < EACH:
                message_id = self.next_id()
                reader = READERS[self.sent % len(READERS)]
                client.sendmail("friend@elsewhere.example", [reader], text(message_id))
                self.acknowledged.append(message_id)


class Appender(Stream):
    """Into Sent of one's own account."""

    def connected(self) -> None:
        client = self.house.imap(SASMITA)
        try:
            while len(self.acknowledged) < EACH:
                message_id = self.next_id()
                answer, _ = client.append("Sent", None, None, text(message_id))
                if answer == "OK":
                    self.acknowledged.append(message_id)
        finally:
            client.shutdown()


def found(house: Daemon, login: str, mailbox: str) -> Counter[str]:
    """How often each Message-ID is there."""
    client = house.imap(login)
    client.select(mailbox)
    rows = client.fetch("1:*", "(BODY.PEEK[])")[1]
    client.logout()
    bodies = [row[1] for row in rows if isinstance(row, tuple)]
    ids = [body.partition(b"Message-ID: ")[2].partition(b"\r\n")[0].decode() for body in bodies]
    assert all(body.endswith(f"\r\n\r\n{each}\r\n".encode()) for body, each in zip(bodies, ids, strict=True))
    return Counter(ids)


def kill_something(house: Daemon, chance: random.Random) -> None:
    """One process, or now and then all of them at once, the supervisor too."""
    victims = [each["pid"] for each in house.health()["processes"] if each["pid"]]
    if chance.random() < 0.25:
        os.killpg(house.process.pid, signal.SIGKILL)
        for pid in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        house.process.wait()
        house.start()
    else:
        with contextlib.suppress(ProcessLookupError):
            os.kill(chance.choice(victims), signal.SIGKILL)


@pytest.mark.timeout(420)
def test_nothing_acknowledged_is_lost_while_processes_are_killed():
    chance = random.Random(20261123)
    fixed = {"workers": 2}
    with running(**{f"process.{name}": value for name, value in fixed.items()}) as house:
        streams = [Sender(house, f"smtp{number}") for number in range(SENDERS)]
        streams += [Appender(house, f"append{number}") for number in range(APPENDERS)]
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


def check_mail(house: Daemon, streams: list[Stream]) -> None:
    """SMTP at least once, APPEND exactly once."""
    until(lambda: re.search(r"\b0 messages wait", house.odmail("doctor")), "the queue is empty", 90)
    delivered: Counter[str] = Counter()
    for reader in READERS:
        delivered += found(house, reader, "INBOX")
    appended = found(house, SASMITA, "Sent")
    for stream in streams:
        counts = delivered if isinstance(stream, Sender) else appended
        assert [each for each in stream.acknowledged if not counts[each]] == []
    assert [each for each, count in appended.items() if count > 1] == []
