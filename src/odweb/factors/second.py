"""Who is asked for a second step, who must have one, and whether this session took it."""

from django.db import transaction

from odcore.errors import Fault, Kind
from odweb.factors.models import App, Passkey, Recovery
from odweb.house import House
from odweb.project.request import Asked

REQUIRED = "portal.two-steps"
"""The group whose members, people or posts, directly or through groups, must have a second step."""

_TAKEN = "second-step"


def has(person: str) -> bool:
    """Will this person be asked at sign-in?"""
    return App.objects.filter(person=person).exists() or Passkey.objects.filter(person=person).exists()


def taken(request: Asked) -> None:
    """This session knows its person by two things."""
    request.session[_TAKEN] = True


def owed(request: Asked) -> bool:
    """Must this person set up a second step before anything else?"""
    if request.session.get(_TAKEN):
        return False
    house, who = request.house, request.who
    accounts = (who.person.id, *(post.id for post in house.access.posts(who)))
    groups = {group for account in accounts for group in house.directory.groups_of(account)}
    return REQUIRED in {house.directory.group(group).cn.lower() for group in groups}


def reset(house: House, actor: str, person: str, **facts: str) -> None:
    """All of it is void: the next sign-in asks for the password alone. Fault NOT_FOUND when there was nothing."""
    with transaction.atomic():
        _forget(person)
        house.trail.record("second-step-reset", actor, person, **facts)


def _forget(person: str) -> None:
    gone = [kind.objects.filter(person=person).delete()[0] for kind in (App, Passkey, Recovery)]
    if not any(gone):
        raise Fault(Kind.NOT_FOUND, "There is no second step.")
