"""From application to account: judged and created by the same use cases as a sheet of one row."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from django.db import transaction

from odcore import clock, ids
from odcore.directory.bulk.apply import apply
from odcore.directory.bulk.candidate import Candidate, Verdict
from odcore.directory.bulk.check import check
from odcore.directory.bulk.columns import Row
from odcore.directory.bulk.journal import Journal
from odcore.errors import Fault, Kind
from odcore.identity.api import Principal
from odcore.identity.rights import Rights
from odweb.apply import notices
from odweb.apply.deadline import due
from odweb.apply.models import Application
from odweb.house import House
from odweb.sheets.words import said

log = structlog.get_logger()

State = Application.State


def judged(house: House, application: Application) -> Candidate:
    """What would become of it now."""
    row = Row(
        number=1,
        name=application.name,
        odia=application.odia,
        employee=application.employee,
        title=application.title,
        office=application.office,
        mobile=application.mobile,
        expires=application.expires.isoformat(),
        kind="contract" if application.contract else "",
        address=application.address,
    )
    [candidate] = check(house.directory, [row])
    return candidate


def may_decide(application: Application, who: Principal, may: Rights) -> bool:
    """Maker is never checker: nobody decides on their own application, and nobody twice."""
    person = who.person
    own = application.mobile[-10:] == person.mobile[-10:] or (
        application.employee != "" and application.employee == person.employee_number
    )
    if own or application.checker == person.id:
        return False
    if application.state == State.OFFICE:
        return may.cover([application.office])
    return application.state == State.AGENCY and may.agency


def submit(house: House, application: Application) -> None:
    """The applicant is done: it waits for the head of office from now on."""
    application.reference = f"A{ids.readable(7).upper()}"
    application.sent = clock.now()
    _move(house, application, State.OFFICE, "")
    notices.received(house, application)
    notices.to_approvers(house, application)


def approve(house: House, application: Application, who: str) -> None:
    """The office's word sends it to the agency, the agency's creates the account. Faults CONFLICT, BAD_REQUEST."""
    _refuse_unwell(judged(house, application))
    if application.state == State.OFFICE:
        application.checker = who
        _move(house, application, State.AGENCY, who)
        notices.to_approvers(house, application)
    else:
        application.agent = who
        _move(house, application, State.MAKING, who)
        make(house, application)


def refuse(house: House, application: Application, who: str, reason: str) -> None:
    """For good: who was refused may apply again. Fault CONFLICT."""
    application.reason = reason
    _move(house, application, State.REFUSED, who)
    notices.refused(house, application)


def make(house: House, application: Application) -> None:
    """Create the account and send the way in. Killed in the middle, it is run again: nobody is there twice."""
    journal = Journal(house.folder / "applications" / f"{application.key}.jsonl")
    with _alone(house, application.key) as alone:
        if not alone or Application.objects.get(key=application.key).state != State.MAKING:
            return
        applied = apply(house.admin(application.agent), [judged(house, application)], journal, house.collections.zone)
        if not applied.made:
            text = " ".join(said(remark) for each in applied.left for remark in each.remarks)
            application.reason = text[:500]
            _move(house, application, State.AGENCY, application.agent)
            raise Fault(Kind.CONFLICT, text)
        person = house.directory.person(applied.made[0])
        application.account = person.id
        if not person.password_set:
            notices.created(house, application, person)
        _move(house, application, State.MADE, application.agent)


def resume(house: House) -> None:
    """What was approved and not made: the process was killed, or the directory was away."""
    for application in Application.objects.filter(state=State.MAKING):
        try:
            make(house, application)
        except Fault as fault:
            log.warning("application_waits", key=application.key, reason=fault.text)


def sweep(_house: House) -> None:
    """Forms that were begun and never sent are forgotten after a day."""
    Application.objects.filter(state=State.OPEN, changed__lt=clock.now() - notices.A_DAY).delete()


@contextmanager
def _alone(house: House, key: str) -> Iterator[bool]:
    """False when another thread or process makes it right now."""
    folder = house.folder / "applications"
    folder.mkdir(mode=0o700, exist_ok=True)
    with open(folder / f"{key}.lock", "a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _refuse_unwell(candidate: Candidate) -> None:
    if candidate.verdict is not Verdict.OK:
        raise Fault(Kind.BAD_REQUEST, " ".join(map(said, candidate.remarks)))


def _move(house: House, application: Application, wanted: State, who: str) -> None:
    """Into another state, if it still is in the one it was read in; told to the audit trail."""
    before, application.state = application.state, wanted
    application.changed = clock.now()
    application.due = due(application.changed) if wanted in (State.OFFICE, State.AGENCY) else None
    application.reminded = None
    fields = {
        field.name: getattr(application, field.name) for field in Application._meta.fields if not field.primary_key
    }
    subject = application.account or application.reference
    with transaction.atomic():  # killed before its end, the trail has a word too many and never one too few
        if not Application.objects.filter(key=application.key, state=before).update(**fields):
            application.state = before
            raise Fault(Kind.CONFLICT, "Somebody was quicker: look at it again.")
        house.trail.record(f"application-{wanted}", who or "applicant", subject, reference=application.reference)
