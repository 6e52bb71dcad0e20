"""Creating the people of a sheet. Killed in the middle, the next run goes on, and nobody is there twice."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, tzinfo

import msgspec

from odcore.directory.admin import Admin
from odcore.directory.bulk.candidate import Candidate, Remark, Verdict, employee_key, person_key
from odcore.directory.bulk.journal import Entry, Journal
from odcore.directory.model import Person
from odcore.directory.ops.person import AddPerson, add_person
from odcore.errors import Fault, Kind
from odcore.identity.passwords import unusable


class Applied(msgspec.Struct, frozen=True):
    """What became of a batch: `made` are uids, `left` the rows nothing was done for."""

    made: tuple[str, ...]
    left: tuple[Candidate, ...]


def apply(
    admin: Admin,
    candidates: Sequence[Candidate],
    journal: Journal,
    zone: tzinfo,
    done: Callable[[int], None] = lambda _: None,
) -> Applied:
    """Make those who are well, until the end of their last day in `zone`; `done` hears how many rows are behind.

    Fault TRY_LATER: run it again later.
    """
    made: list[str] = []
    left: list[Candidate] = []
    with journal.opened():
        _reconcile(admin, journal)
        ours = {entry.account for entry in journal.entries().values() if entry.account and not entry.undone}
        locked = unusable()
        for number, each in enumerate(candidates, 1):
            if each.account and each.account in ours:
                made.append(each.uid or _uid(admin, each))
            elif each.verdict is not Verdict.OK:
                left.append(each)
            else:
                try:
                    made.append(_make(admin, each, journal, locked, zone).uid)
                except Fault as fault:
                    if fault.kind is Kind.TRY_LATER:
                        raise
                    remarks = (*each.remarks, Remark.of(fault))
                    left.append(msgspec.structs.replace(each, verdict=Verdict.MEND, remarks=remarks))
            done(number)
    return Applied(tuple(made), tuple(left))


def _make(admin: Admin, each: Candidate, journal: Journal, locked: str, zone: tzinfo) -> Person:
    journal.intend(each.key, each.uid)
    wanted = AddPerson(
        uid=each.uid,
        given_name=each.given,
        family_name=each.family,
        names={"or": each.odia} if each.odia else {},
        office=each.office,
        title=each.row.title,
        mobile=each.mobile,
        employee_number=each.employee,
        expires=end_of(date.fromisoformat(each.expires), zone) if each.expires else None,
        contractor=each.contractor,
    )
    person = add_person(admin, wanted, locked)
    journal.made(each.key, each.uid, person.id)
    return person


def end_of(day: date, zone: tzinfo) -> datetime:
    """The last second of somebody's last day."""
    return datetime.combine(day, time(23, 59, 59), zone)


def _reconcile(admin: Admin, journal: Journal) -> None:
    """What was meant to be made when the batch was killed: is it there?"""
    for entry in journal.entries().values():
        if entry.account:
            continue
        try:
            person = admin.directory.person(entry.uid)
        except Fault as fault:
            if fault.kind is not Kind.NOT_FOUND:
                raise
            continue
        if _is_of(entry, person):
            # The kill may have come between the account and the word of it: a second word does no harm.
            admin.changed("person-added", person.id, uid=entry.uid, address=person.addresses[0], resumed="true")
            journal.made(entry.key, entry.uid, person.id)


def _is_of(entry: Entry, person: Person) -> bool:
    whole = f"{person.given_name} {person.family_name}"
    return entry.key in (employee_key(person.employee_number), person_key(whole, person.mobile))


def _uid(admin: Admin, each: Candidate) -> str:
    return admin.directory.person(each.account).uid
