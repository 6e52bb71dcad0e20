"""Where the time of a message goes: the parts that carry it, one after the other in this process, by their CPU time.

The parts are the real ones; sockets, other processes and waiting for the disk are not in these numbers. What they leave
of the time that the processes of the suite really used is shown as the rest.
"""

import io
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from bench.mail.letters import letter
from odcore import log
from odcore.blob.incoming import Incoming, Memory
from odmail.delivery import local
from odmail.delivery.gates import Desk, MxGate
from odmail.mailbox.account import Account
from odmail.queue.api import Accept
from odmail.queue.model import Envelope, Origin, Recipient, new_id
from odmail.queue.store import SqliteQueue
from odmail.smtp.types import MX
from odtest.postroom import PostRoom, account
from odtest.smtp import Talk

ACCOUNTS = 20
_SESSIONS = 10
"""Messages that share a commit with 20 sessions on two workers."""

_ROUND = 150
"""Messages in a round of the queue worker at 1,000 a second."""


class Stages:
    """Adds up CPU time by stage; what one stage calls of another is the other's."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()
        self._outer: list[float] = []

    @contextmanager
    def stage(self, name: str, clock: Callable[[], float] = time.thread_time) -> Iterator[None]:
        """One pass."""
        self._outer.append(0.0)
        begun = clock()
        yield
        took = clock() - begun
        self.spent[name] += took - self._outer.pop()
        if self._outer:
            self._outer[-1] += took

    def watch(self, owner: Any, attribute: str, name: str) -> Callable[[], None]:
        """Count `owner.attribute` as a stage, until the returned function is called."""
        plain = getattr(owner, attribute)

        @wraps(plain)
        def counted(*args: Any, **kwargs: Any) -> Any:
            with self.stage(name):
                return plain(*args, **kwargs)

        setattr(owner, attribute, counted)
        return lambda: setattr(owner, attribute, plain)


class _Inline:
    """In place of the threads that deliver: their CPU time is counted here, one after the other."""

    def map(self, work: Callable[[Any], Any], each: Any) -> list[Any]:
        return [work(one) for one in each]

    def shutdown(self) -> None:
        """Nothing to end."""


class _Door:
    """In place of the queue."""

    def incoming(self) -> Incoming:
        return Incoming(Path())

    def accept(self, options: Accept) -> str:
        return options.id


def measure(messages: int = 1500) -> dict[str, float]:
    """Microseconds of CPU for each message."""
    stages = Stages()
    log.configure("bench", style="json", stream=io.StringIO())
    with tempfile.TemporaryDirectory(prefix="bench-stages-") as folder, ExitStack() as stack:
        room = PostRoom(Path(folder))
        stack.callback(room.close)
        room.local.close()
        room.local._pool = _Inline()
        logins = [account(number, f"user{number}") for number in range(ACCOUNTS)]
        room.town.accounts = {each.address: each for each in logins}
        letters = [(logins[n % ACCOUNTS].address, letter(n, logins[n % ACCOUNTS].address)) for n in range(messages)]
        for ref in logins:
            room.store.open(ref.id).mailboxes()
        _converse(room, letters, stages)
        _accept(room, letters[:_ROUND], Stages())  # warms up, as the first round does
        room.work()
        for start in range(0, messages, _ROUND):
            _accept(room, letters[start : start + _ROUND], stages)
            with ExitStack() as watching:
                for owner, attribute, name in (
                    (local, "parse", "Parsing"),
                    (Account, "append", "Rows and commit in the mailbox"),
                    (SqliteQueue, "lease", "Lease and settle"),
                    (SqliteQueue, "settle", "Lease and settle"),
                ):
                    watching.callback(stages.watch(owner, attribute, name))
                with stages.stage("Resolving, copies, log"):
                    room.work()
    return {name: spent / messages * 1e6 for name, spent in stages.spent.items()}


def _converse(room: PostRoom, letters: list[tuple[str, bytes]], stages: Stages) -> None:
    """SMTP without a socket; the message goes as far as the queue's door."""
    gate = MxGate(Desk("mail.odisha.example", room.folder / "queue", room.settings, room.town, _Door()))
    for address, octets in letters:
        with stages.stage("SMTP conversation"):
            talk = Talk(MX, gate)
            for line in (
                b"HELO client.example\r\n",
                b"MAIL FROM:<sender@elsewhere.example>\r\n",
                b"RCPT TO:<%b>\r\n" % address.encode(),
                b"DATA\r\n",
                octets + b".\r\n",
                b"QUIT\r\n",
            ):
                talk.feed(line)


def _accept(room: PostRoom, letters: list[tuple[str, bytes]], stages: Stages) -> None:
    """As many at a time as share a commit; the committing thread's time counts, too."""
    told: SimpleQueue[Any] = SimpleQueue()
    for start in range(0, len(letters), _SESSIONS):
        some = letters[start : start + _SESSIONS]
        with stages.stage("Commit into the queue", time.process_time):
            for address, octets in some:
                envelope = Envelope("sender@elsewhere.example", (Recipient(address),))
                room.queue.accept_soon(Accept(envelope, Origin("mx"), Memory(octets), id=new_id()), told.put)
            for _ in some:
                told.get()
