"""What is due by the clock and not because somebody asks: handovers whose instant has come, reminders, notices.

`odsuite.duties` calls `turn` each minute, in the one process of the suite that delivers, with or without the role web.
What a chore has done is in its own rows, so that a restart does nothing twice.
"""

import structlog
from django.db import connection

from odcore.directory.ops.charge import settle
from odcore.errors import Fault
from odweb.apply import notices, work
from odweb.bureau import measured
from odweb.entry import visits
from odweb.handover import over
from odweb.house import House
from odweb.mobile import codes
from odweb.staff import leaving

log = structlog.get_logger()

_ACTOR = "suite"


def turn(house: House) -> None:
    """One round; a Fault (the directory is away) leaves that chore to the next."""
    try:
        for chore in _CHORES:
            try:
                chore(house)
            except Fault as fault:
                log.warning("chore_waits", chore=chore.__name__, reason=fault.text)
    finally:
        connection.close()


def _settle(house: House) -> None:
    settle(house.admin(_ACTOR))


_CHORES = (
    _settle,
    work.resume,
    notices.remind,
    work.sweep,
    leaving.tell,
    over.tell,
    measured.measure,
    visits.sweep,
    codes.sweep,
)
