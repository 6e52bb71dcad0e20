"""Signed-in sessions: begun under a new key, looked at with each request, ended here or from elsewhere."""

from datetime import timedelta

import msgspec
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db.models import QuerySet

from odcore import clock
from odcore.errors import Fault, Kind
from odcore.identity.api import Client, Principal
from odweb.entry import fresh
from odweb.entry.models import Visit
from odweb.house import House
from odweb.project.request import Asked

_PERSON, _PASSWORD = "person", "password-set"
_OFTEN = timedelta(minutes=1)
"""How exactly `seen` is known: each change is a commit."""


def begin(request: Asked, principal: Principal) -> None:
    """Sign in. The session gets a new key, so one that was foisted on the browser before opens nothing.

    What it held for another person goes: a secret begun by one must not become the second step of the next.
    """
    if request.session.get(_PERSON, principal.person.id) != principal.person.id:
        end(request)
    request.session.cycle_key()
    request.session[_PERSON] = principal.person.id
    request.session[_PASSWORD] = principal.person.password_set
    fresh.note(request)
    request.session.save()
    request.house.uses.note(
        principal, Client(request.headers.get("User-Agent", ""), "web", request.META.get("REMOTE_ADDR", ""))
    )
    now = clock.now()
    Visit.objects.create(
        session=request.session.session_key or "",
        person=principal.person.id,
        started=now,
        seen=now,
        address=request.META.get("REMOTE_ADDR", ""),
        agent=request.headers.get("User-Agent", "")[:300],
    )
    request.house.trail.record(
        "web-session-began", principal.person.id, principal.person.id, address=request.META.get("REMOTE_ADDR", "")
    )


def begin_anew(request: Asked) -> None:
    """This session goes on although the password it began with was changed, under a new key."""
    person = request.house.directory.person(request.who.person.id)
    Visit.objects.filter(session=request.session.session_key).delete()
    begin(request, msgspec.structs.replace(request.who, person=person))


def present(request: Asked) -> Principal | None:
    """Who this session belongs to, if that still holds."""
    person_id = request.session.get(_PERSON)
    if person_id is None:
        return None
    try:
        principal = as_begun(request.house, person_id, request.session.get(_PASSWORD, ""))
    except Fault as fault:
        if fault.kind is Kind.TRY_LATER:
            raise
        principal = None
    visit = Visit.objects.filter(session=request.session.session_key).first()
    if principal is None or visit is None or not request.house.sign_in.still_valid(principal):
        request.session.flush()
        return None
    now = clock.now()
    if now - visit.seen > _OFTEN:
        Visit.objects.filter(pk=visit.pk).update(seen=now)
    return principal


def end(request: Asked) -> None:
    """Sign out."""
    Visit.objects.filter(session=request.session.session_key).delete()
    request.session.flush()


def of(person: str) -> QuerySet[Visit]:
    """A person's open sessions, the last used first."""
    return Visit.objects.filter(person=person)


def end_one(person: str, number: int) -> bool:
    """End one of a person's sessions; False when it is not theirs or has ended."""
    visit = of(person).filter(pk=number).first()
    if visit is None:
        return False
    SessionStore(visit.session).delete()
    visit.delete()
    return True


def sweep(_house: House) -> None:
    """Sessions whose time is over are forgotten, and are nobody's open sessions any more."""
    Session.objects.filter(expire_date__lt=clock.now()).delete()
    Visit.objects.exclude(session__in=Session.objects.values("session_key")).delete()


def as_begun(house: House, person_id: str, password_set: str) -> Principal:
    """As it was at sign-in: a password set since ends the session. Fault NOT_FOUND."""
    person = house.directory.person(person_id)
    begun_with = msgspec.structs.replace(person, password_set=password_set)
    return Principal(begun_with, house.directory.account(person.id))
