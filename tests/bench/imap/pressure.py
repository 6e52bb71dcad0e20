"""Others at work while something is timed: in a process of their own, so that they do not hold up the clock."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event

from bench.imap.crowd import Crowd
from bench.mail.server import Server


@contextmanager
def pressure(server: Server, mailbox: bytes, command: bytes, connections: int) -> Iterator[None]:
    """So many connections give the command as fast as it is answered, for as long as the block lasts."""
    forked = multiprocessing.get_context("fork")
    begun, over = forked.Event(), forked.Event()
    crowd = Crowd(server, mailbox, connections)
    process = forked.Process(target=_work, args=(crowd, command, begun, over))
    process.start()
    try:
        if not begun.wait(30):
            raise SystemExit("nobody began to work")
        yield
        if not process.is_alive():
            raise SystemExit("those at work have ended too soon")
    finally:
        over.set()
        process.join(30)


def _work(crowd: Crowd, command: bytes, begun: Event, over: Event) -> None:
    while not over.is_set():
        crowd.rate(command, 0.2)
        begun.set()
