"""People, as HRMS knows them: found, made, changed. The same use cases as sheets and pages."""

import hashlib

from django.http import HttpResponse
from ninja import File, Router, UploadedFile

from odcore.directory import model
from odcore.directory.bulk import values
from odcore.directory.bulk.apply import apply, end_of
from odcore.directory.bulk.candidate import Verdict, employee_key
from odcore.directory.bulk.check import check
from odcore.directory.bulk.columns import Row
from odcore.directory.bulk.journal import Journal
from odcore.directory.ops.person import EditPerson, edit_person, set_photo
from odcore.directory.ops.state import set_state
from odcore.directory.photo import MOST_SENT
from odcore.directory.record import format_instant
from odcore.errors import Fault, Kind
from odcore.identity.rights import Rights, administers
from odweb.api.entry import rights_of
from odweb.api.shapes import NewPerson, Office, Person, PersonChange, Problem, Wanted
from odweb.project.request import Asked

router = Router(tags=["people"])

_MOST = 500
_IMAGE = {"responses": {200: {"description": "OK", "content": {"image/jpeg": {}}}}}


@router.get("/offices", response=list[Office])
def offices(request: Asked) -> list[Office]:
    """The offices the token's owner administers."""
    may = rights_of(request)
    return [Office.of(each) for each in request.house.directory.offices() if each.id in may.offices]


@router.get("/people", response=list[Person])
def people(request: Asked, text: Wanted) -> list[Person]:
    """Whose name, address, mobile or employee number holds `text`."""
    may = rights_of(request)
    found = [each for each in request.house.directory.people(text) if each.office in may.offices]
    return [Person.of(each) for each in found[:_MOST]]


@router.get("/people/{key}", response={200: Person, 404: Problem})
def person(request: Asked, key: str) -> Person:
    """By id, user name or address."""
    return Person.of(_found(request, rights_of(request), key))


@router.post("/people", response={200: Person, 201: Person, 409: Problem})
def make(request: Asked, wanted: NewPerson) -> tuple[int, Person]:
    """201 when made; 200 when this person (by employee number) is there already. Safe to send again."""
    may = rights_of(request)
    row = Row(
        number=1,
        name=wanted.name,
        odia=wanted.odia,
        employee=wanted.employee,
        title=wanted.title,
        office=wanted.office,
        mobile=wanted.mobile,
        expires=wanted.expires.isoformat() if wanted.expires else "",
        kind="contract" if wanted.contract else "",
        address=wanted.address,
    )
    [candidate] = check(request.house.directory, [row], may.offices)
    name = hashlib.sha256(employee_key(candidate.employee).encode()).hexdigest()
    zone = request.house.collections.zone
    journal = Journal(request.house.folder / "api" / f"{name}.jsonl")
    if candidate.verdict is Verdict.EXISTS:
        if journal.entries():
            apply(request.admin, (), journal, zone)  # what was cut short when it was asked for before
        return 200, Person.of(_found(request, may, candidate.account))
    if candidate.verdict is not Verdict.OK:
        raise Fault(Kind.CONFLICT, " ".join(map(str, candidate.remarks)))
    applied = apply(request.admin, [candidate], journal, zone)
    if not applied.made:
        raise Fault(Kind.CONFLICT, " ".join(str(remark) for each in applied.left for remark in each.remarks))
    return 201, Person.of(request.house.directory.person(applied.made[0]))


@router.patch("/people/{key}", response={200: Person, 404: Problem})
def change(request: Asked, key: str, wanted: PersonChange) -> Person:
    """What is sent is changed."""
    may = rights_of(request)
    found = _found(request, may, key)
    if wanted.office is not None:
        may.require(request.house.directory.office(wanted.office).id in may.offices)
    given = wanted.model_dump(exclude_none=True, exclude={"active", "expires"})
    if wanted.mobile is not None:
        given["mobile"] = values.mobile(wanted.mobile)
    if wanted.expires is not None:
        given["expires"] = format_instant(end_of(wanted.expires, request.house.collections.zone))
    found = edit_person(request.admin, found, EditPerson(**given))
    if wanted.active is not None:
        if found.id == request.who.person.id:
            raise Fault(Kind.BAD_REQUEST, "Nobody disables themselves.")
        set_state(request.admin, found, model.State.ACTIVE if wanted.active else model.State.DISABLED)
    return Person.of(request.house.directory.person(found.id))


@router.get("/people/{key}/photo", response={404: Problem}, openapi_extra=_IMAGE)
def photo(request: Asked, key: str) -> HttpResponse:
    """A JPEG."""
    octets = request.house.directory.photo(_found(request, rights_of(request), key))
    if not octets:
        raise Fault(Kind.NOT_FOUND, "There is no photograph.")
    return HttpResponse(octets, "image/jpeg")


@router.post("/people/{key}/photo", response={204: None, 400: Problem, 404: Problem, 413: Problem})
def show_photo(request: Asked, key: str, file: File[UploadedFile]) -> tuple[int, None]:
    """A JPEG or PNG of up to 8 MiB; a small JPEG is made of it, which holds nothing but the picture."""
    set_photo(request.admin, _found(request, rights_of(request), key), file.read(MOST_SENT + 1))
    return 204, None


@router.delete("/people/{key}/photo", response={204: None, 404: Problem})
def hide_photo(request: Asked, key: str) -> tuple[int, None]:
    """The directory shows none."""
    set_photo(request.admin, _found(request, rights_of(request), key), b"")
    return 204, None


def _found(request: Asked, may: Rights, key: str) -> model.Person:
    """Faults NOT_FOUND, DENIED."""
    found = request.house.directory.person(key)
    may.require(administers(request.house.directory, may, found))
    return found
