"""The verdict on each row of a sheet. Reads the directory in a few searches for all rows; changes nothing."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date

import msgspec

from odcore import clock
from odcore.directory import entries
from odcore.directory.address import check_new, fold
from odcore.directory.bulk import columns, sheet, values
from odcore.directory.bulk.candidate import Candidate, Remark, Verdict, employee_key, person_key
from odcore.directory.bulk.columns import Row
from odcore.directory.bulk.naming import numbered, proposed
from odcore.directory.bulk.odia import romanized
from odcore.directory.ldap import LdapDirectory
from odcore.directory.lookup import MAIL_CLASSES, PERSON
from odcore.directory.model import Office, Person
from odcore.errors import Fault, Kind

# fmt: off
NO_NAME = Remark("The name is missing.")
NO_KEY = Remark("Neither an employee number nor a mobile number: one of them is needed.")
NO_SUCH_OFFICE = Remark("No office is called so.")
NO_OFFICE = Remark("The office is missing.")
NOT_YOUR_OFFICE = Remark("You may not create people in this office.")
OVER = Remark("The date of retirement has passed.")
NO_END = Remark("The end of the contract is missing.")
NO_ADDRESS = Remark("No address can be made of this name: write the address that is wished.")
TAKEN = Remark("This address belongs to somebody already.")
OTHER_NAME = Remark("Somebody of another name has this employee number.")
OTHER_NUMBER = Remark("This person is there already, under another employee number.")
MOBILE_IS_ANOTHERS = Remark("Somebody else has this mobile number.")
# fmt: on
SAME_AS_ROW = "The same person as in row %(row)s."
MOBILE_OF_ROW = "The same mobile number as in row %(row)s."
NUMBER_OF_ROW = "The same employee number as in row %(row)s, but another name."
IS_THERE = "Has an account already: %(address)s"

Scope = Collection[str]
"""The offices in which people may be created; None: all."""


def read(directory: LdapDirectory, octets: bytes) -> list[Row]:
    """The people in a file. Faults BAD_REQUEST, TOO_BIG, UNSUPPORTED."""
    offices = _Offices(directory.offices())
    return columns.people(sheet.read(octets), lambda text: offices.find(text) is not None)


def check(
    directory: LdapDirectory, rows: Sequence[Row], scope: Scope | None = None, office: str = ""
) -> list[Candidate]:
    """In the order of the rows. `office` is for rows that name none. Fault NOT_FOUND when it is not there."""
    offices = _Offices(directory.offices())
    assumed = directory.office(office) if office else None
    domain = directory.default_domain()
    found = [_understood(_with_alternate(row, domain), offices, scope, assumed) for row in rows]
    found = _within(found)
    found = _Known(directory, found).applied()
    return _named(directory, found)


class _Offices:
    """By short name, by id, by name in any language; punctuation and case aside."""

    def __init__(self, offices: Iterable[Office]) -> None:
        self._by_name: dict[str, Office] = {}
        for each in offices:
            for name in (each.ou, each.id, each.name, *each.names.values()):
                self._by_name.setdefault(_bare(name), each)

    def find(self, text: str) -> Office | None:
        return self._by_name.get(_bare(text))


class _Reading:
    """Takes a row apart, and keeps what was wrong on the way."""

    def __init__(self) -> None:
        self.remarks: list[Remark] = []
        self.verdict = Verdict.OK

    def take(self, function: Callable[[str], values.Value], text: str) -> values.Value | None:
        try:
            return function(text)
        except Fault as fault:
            self.add(Remark(fault.text), Verdict.REFUSED if fault.kind is Kind.DENIED else Verdict.MEND)
            return None

    def add(self, remark: Remark, verdict: Verdict = Verdict.MEND) -> None:
        self.remarks.append(remark)
        if self.verdict is not Verdict.REFUSED:
            self.verdict = verdict


def _understood(row: Row, offices: _Offices, scope: Scope | None, assumed: Office | None) -> Candidate:
    reading = _Reading()
    given, family = _names(row, reading)
    odia = reading.take(values.name, row.odia) or ""
    employee = reading.take(values.number, row.employee) or ""
    mobile = reading.take(values.mobile, row.mobile) or ""
    alternate = reading.take(values.alternate, row.alternate) or ""
    expires = reading.take(values.day, row.expires)
    if not given and not family and not reading.remarks:
        reading.add(NO_NAME)
    if not row.employee and not row.mobile:
        reading.add(NO_KEY)
    if expires and expires <= _today():
        reading.add(OVER)
    if not expires and not row.expires and values.is_contract(row.kind):
        reading.add(NO_END)
    place = offices.find(row.office) if row.office else assumed
    if place is None:
        reading.add(NO_SUCH_OFFICE if row.office else NO_OFFICE)
    elif scope is not None and place.id not in scope:
        reading.add(NOT_YOUR_OFFICE, Verdict.REFUSED)
    return Candidate(
        row=row,
        verdict=reading.verdict,
        remarks=tuple(reading.remarks),
        given=given,
        family=family,
        odia=odia,
        employee=employee,
        mobile=mobile,
        alternate=alternate,
        office=place.id if place else "",
        expires=expires.isoformat() if expires else "",
        contractor=values.is_contract(row.kind),
    )


def _with_alternate(row: Row, domain: str) -> Row:
    """An address elsewhere is no wish for one of ours, whatever the heading says."""
    elsewhere = "@" in row.address and not fold(row.address).strip().endswith(f"@{domain}")
    return msgspec.structs.replace(row, address="", alternate=row.address) if elsewhere and not row.alternate else row


def _names(row: Row, reading: _Reading) -> tuple[str, str]:
    given = reading.take(values.name, row.given) or ""
    family = reading.take(values.name, row.family) or ""
    if not family:
        whole = reading.take(values.name, row.name) or ""
        if not whole and not row.name and row.odia:
            whole = romanized(_quiet(values.name, row.odia))
        given, _, family = whole.rpartition(" ")
    return given, family


def _quiet(function: Callable[[str], str], text: str) -> str:
    """What is wrong with the Odia name is said where it is kept."""
    try:
        return function(text)
    except Fault:
        return ""


def _within(found: list[Candidate]) -> list[Candidate]:
    """Nobody twice in one sheet, no mobile number for two."""
    people: dict[str, Candidate] = {}
    mobiles: dict[str, Candidate] = {}
    result = []
    for each in found:
        earlier = people.get(each.key) if each.employee or each.mobile else None
        if earlier is None:
            other = mobiles.get(each.mobile) if each.mobile else None
            if other is not None and each.verdict is not Verdict.REFUSED:
                each = _with(each, Verdict.MEND, Remark(MOBILE_OF_ROW, {"row": str(other.row.number)}))
            people[each.key] = each
            mobiles.setdefault(each.mobile, each)
        else:
            row = {"row": str(earlier.row.number)}
            same = _same_name(each, earlier.name, earlier.odia)
            each = (
                _with(each, Verdict.EXISTS, Remark(SAME_AS_ROW, row))
                if same
                else _with(each, Verdict.MEND, Remark(NUMBER_OF_ROW, row))
            )
        result.append(each)
    return result


class _Known:
    """Who of them is in the directory, by employee number, else by name and mobile number."""

    def __init__(self, directory: LdapDirectory, found: list[Candidate]) -> None:
        self._found = found
        numbers = {each.employee for each in found if each.employee}
        mobiles = {
            form for each in found if each.mobile for form in (each.mobile, each.mobile[3:], f"0{each.mobile[3:]}")
        }
        records = directory.lookup.having((PERSON,), {"employeeNumber": numbers, "mobile": mobiles})
        people = [entries.person(record) for record in records]
        self._by_number = {employee_key(person.employee_number): person for person in people if person.employee_number}
        self._by_mobile = {_mobile(person): person for person in people if person.mobile}

    def applied(self) -> list[Candidate]:
        return [each if each.verdict is Verdict.REFUSED else self._one(each) for each in self._found]

    def _one(self, each: Candidate) -> Candidate:
        holder = self._by_number.get(employee_key(each.employee)) if each.employee else None
        if holder is not None:
            return _there(each, holder) if _is(each, holder) else _with(each, Verdict.MEND, OTHER_NAME)
        holder = self._by_mobile.get(each.mobile) if each.mobile else None
        if holder is None:
            return each
        if not _is(each, holder):
            return _with(each, Verdict.MEND, MOBILE_IS_ANOTHERS)
        if each.employee and holder.employee_number:
            return _with(each, Verdict.MEND, OTHER_NUMBER)
        return _there(each, holder)


def _named(directory: LdapDirectory, found: list[Candidate]) -> list[Candidate]:
    """An address for each row that is well; numbered where it is taken, unless it was wished."""
    domain = directory.default_domain()
    if not domain:
        raise Fault(Kind.NOT_FOUND, "Add a domain first: odmail domain add NAME")
    local = {id(each): _local(each, domain) for each in found if each.verdict is Verdict.OK}
    names = numbered(
        [local[id(each)] for each in found if local.get(id(each))], lambda asked: taken(directory, asked, domain)
    )
    given_out = iter(names)
    result = []
    for each in found:
        wanted = local.get(id(each))
        if wanted is None:
            result.append(each)
        elif not wanted:
            result.append(_with(each, Verdict.MEND, NO_ADDRESS))
        else:
            result.append(_address(each, wanted, next(given_out), domain))
    return result


def _address(each: Candidate, wanted: str, free: str, domain: str) -> Candidate:
    if each.row.address and free != wanted:
        return _with(each, Verdict.MEND, TAKEN)
    try:
        check_new(f"{free}@{domain}")
    except Fault as fault:
        return _with(each, Verdict.REFUSED, Remark.of(fault))
    return msgspec.structs.replace(each, uid=free)


def _local(each: Candidate, domain: str) -> str:
    """What was wished, else by the naming rules."""
    wished = fold(each.row.address).strip()
    return wished.removesuffix(f"@{domain}") if wished else proposed(each.given, each.family)


def taken(directory: LdapDirectory, names: set[str], domain: str) -> set[str]:
    """Which of these local parts somebody has already."""
    addresses = {f"{name}@{domain}" for name in names}
    records = directory.lookup.having(MAIL_CLASSES, {"mail": addresses, "odmailAlternate": addresses, "uid": names})
    used = {fold(address) for record in records for address in entries.addresses(record)}
    uids = {fold(uid) for record in records for uid in record.texts("uid")}
    return {name for name in names if name in uids or f"{name}@{domain}" in used}


def _there(each: Candidate, person: Person) -> Candidate:
    remark = Remark(IS_THERE, {"address": next(iter(person.addresses), person.uid)})
    return msgspec.structs.replace(each, verdict=Verdict.EXISTS, remarks=(remark,), account=person.id)


def _with(each: Candidate, verdict: Verdict, remark: Remark) -> Candidate:
    return msgspec.structs.replace(each, verdict=verdict, remarks=(*each.remarks, remark))


def _is(each: Candidate, person: Person) -> bool:
    return _same_name(each, person.name, person.names.get("or", ""))


def _same_name(each: Candidate, name: str, odia: str) -> bool:
    return person_key(each.name, "") == person_key(name, "") or bool(each.odia and each.odia == odia)


def _mobile(person: Person) -> str:
    try:
        return values.mobile(person.mobile)
    except Fault:
        return person.mobile


def _bare(name: str) -> str:
    return re.sub(r"[\s,.()_/-]+", " ", fold(name)).strip()


def _today() -> date:
    return clock.now().astimezone().date()
