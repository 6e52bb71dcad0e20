"""Creating what was approved, behind the pages: a thread for each sheet, taken up again when the process starts."""

from threading import Event, Thread

import msgspec
import structlog
from django.db import connection

from odcore import clock
from odcore.directory.bulk.apply import Applied, apply
from odcore.directory.bulk.candidate import Candidate, Verdict
from odcore.directory.bulk.check import check
from odcore.directory.bulk.journal import Journal
from odcore.errors import Fault, Kind
from odweb.house import House
from odweb.sheets.models import Sheet

log = structlog.get_logger()

_PAUSE = 5.0
_OFTEN = 10  # rows between two words about how far it is


def journal(house: House, sheet: Sheet) -> Journal:
    """What the sheet has made."""
    return Journal(house.folder / "sheets" / f"{sheet.key}.jsonl")


def begin(house: House, sheet: Sheet) -> None:
    """Create its people; returns at once."""
    Thread(target=_run, args=(house, sheet.key), name="sheet", daemon=True).start()


def resume(house: House) -> None:
    """At the start of a process: sheets whose making was cut short. Another process at the same one is no harm."""
    for sheet in Sheet.objects.filter(state=Sheet.State.MAKING).defer("candidates"):
        begin(house, sheet)
    connection.close()


def _run(house: House, key: str) -> None:
    try:
        while not _tried(house, Sheet.objects.get(key=key)):
            Event().wait(_PAUSE)  # the directory is away
    except Exception:
        log.exception("sheet_not_made", sheet=key)
    finally:
        connection.close()


def _tried(house: House, sheet: Sheet) -> bool:
    if sheet.state != Sheet.State.MAKING:  # another process was quicker
        return True

    def tell(row: int) -> None:
        if row % _OFTEN == 0:
            Sheet.objects.filter(key=sheet.key).update(done=row)

    approved = [each for each in sheet.rows if each.verdict is Verdict.OK]
    scope = frozenset(each.office for each in approved)
    try:
        judged = check(house.directory, [each.row for each in approved], scope, sheet.office)
        applied = apply(house.admin(sheet.checker), judged, journal(house, sheet), house.collections.zone, tell)
    except Fault as fault:
        if fault.kind is Kind.IN_USE:  # another process is at it
            return True
        log.warning("sheet_waits", sheet=sheet.key, reason=fault.text)
        return False
    finished = Sheet.objects.get(key=sheet.key)
    finished.candidates = msgspec.json.encode(_outcome(sheet.rows, judged, applied))
    finished.state, finished.done, finished.changed = Sheet.State.MADE, len(applied.made), clock.now()
    finished.save()
    house.trail.record("sheet-applied", sheet.checker, sheet.maker, sheet=sheet.key, made=str(len(applied.made)))
    return True


def _outcome(rows: list[Candidate], judged: list[Candidate], applied: Applied) -> list[Candidate]:
    """Each row as it was judged last; those that were left say why."""
    after = {each.row.number: each for each in judged if each.account == ""}
    after |= {each.row.number: each for each in applied.left}
    return [after.get(each.row.number, each) for each in rows]
