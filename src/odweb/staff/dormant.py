"""Accounts of my offices that nobody uses; those chosen are disabled."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import ngettext

from odcore import clock
from odcore.directory.model import Person, State
from odcore.directory.ops.state import set_state
from odcore.identity.dormant import dormant
from odcore.identity.rights import Rights, administers
from odweb.leaves import leaf
from odweb.project.request import Asked, signed_in
from odweb.staff.views import rights_of

DAYS = (30, 90, 180, 365)
_USUAL = 90


@signed_in
def overview(request: Asked) -> HttpResponse:
    """Who was not seen for so many days; those who never were come first."""
    may = rights_of(request)
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, DAYS) else _USUAL
    house = request.house
    people = [each for each in house.directory.members_of(may.offices) if isinstance(each, Person)]
    found = dormant(people, house.uses.last(), clock.now() - timedelta(days=days))
    if request.method == "POST":
        number = _disable(request, may, {each.person.id for each in found})
        told = ngettext("%(number)d account is disabled.", "%(number)d accounts are disabled.", number)
        messages.success(request, told % {"number": number})
        return HttpResponseRedirect(request.get_full_path())
    shown = {"leaf": leaf(request, found), "days": days, "choices": DAYS}
    return render(request, "staff/dormant.html", shown)


def _disable(request: Asked, may: Rights, allowed: set[str]) -> int:
    """Those chosen that are still dormant and mine; never oneself."""
    number = 0
    for key in dict.fromkeys(request.POST.getlist("person")):
        if key not in allowed or key == request.who.person.id:
            continue
        person = request.house.directory.person(key)
        may.require(administers(request.house.directory, may, person))
        set_state(request.admin, person, State.DISABLED)
        number += 1
    return number
