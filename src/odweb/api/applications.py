"""Applications: what waits, and the decision. Maker is never checker here either."""

from ninja import Router

from odcore.errors import Fault, Kind
from odweb.api.entry import rights_of
from odweb.api.shapes import Applied, Decision, Problem
from odweb.apply import work
from odweb.apply.models import Application
from odweb.project.request import Asked

router = Router(tags=["applications"])

_MOST = 500


@router.get("/applications", response=list[Applied])
def applications(request: Asked, state: Application.State | None = None) -> list[Applied]:
    """Of the offices the token's owner administers, the most urgent first."""
    may = rights_of(request)
    found = Application.objects.filter(office__in=may.offices).exclude(state=Application.State.OPEN)
    if state is not None:
        found = found.filter(state=state)
    return [Applied.of(each) for each in found[:_MOST]]


@router.get("/applications/{key}", response={200: Applied, 404: Problem})
def application(request: Asked, key: str) -> Applied:
    """One."""
    return Applied.of(_found(request, key))


@router.post("/applications/{key}/decision", response={200: Applied, 404: Problem, 409: Problem})
def decide(request: Asked, key: str, wanted: Decision) -> Applied:
    """For the office, or for the agency."""
    found = _found(request, key)
    may = rights_of(request)
    may.require(work.may_decide(found, request.who, may))
    if wanted.approve:
        work.approve(request.house, found, request.who.person.id)
    elif not wanted.reason.strip():
        raise Fault(Kind.BAD_REQUEST, "Say why: reason.")
    else:
        work.refuse(request.house, found, request.who.person.id, wanted.reason)
    return Applied.of(Application.objects.get(key=found.key))


def _found(request: Asked, key: str) -> Application:
    """Faults NOT_FOUND, DENIED."""
    may = rights_of(request)
    found = Application.objects.filter(key=key).exclude(state=Application.State.OPEN).first()
    if found is None:
        raise Fault(Kind.NOT_FOUND, "There is no such application.")
    may.require(may.cover([found.office]))
    return found
