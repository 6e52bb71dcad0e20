"""What pages do without being asked: every minute, in one process of the node."""

import fcntl
from threading import Event, Thread

import structlog
from django.db import connection

from odcore.errors import Fault
from odweb.apply import notices, work
from odweb.house import House
from odweb.staff import leaving

log = structlog.get_logger()

_EVERY = 60.0  # seconds


def begin(house: House) -> None:
    """In a thread that ends with the process."""
    Thread(target=_run, args=(house,), name="chores", daemon=True).start()


def turn(house: House) -> None:
    """One round; a Fault (the directory is away) leaves the rest to the next."""
    for chore in (work.resume, notices.remind, work.sweep, leaving.tell):
        try:
            chore(house)
        except Fault as fault:
            log.warning("chore_waits", chore=chore.__name__, reason=fault.text)


def _run(house: House) -> None:
    with open(house.folder / "chores.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the other processes wait here, and take over when this one ends
        while True:
            try:
                turn(house)
            except Exception:
                log.exception("bug")
            finally:
                connection.close()
            Event().wait(_EVERY)
