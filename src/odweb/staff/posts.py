"""A post: who holds it, who held it, and the handover."""

from datetime import date, datetime, time, timedelta

import msgspec
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from odcore import clock
from odcore.directory.model import Charge, ChargeKind, Post
from odcore.directory.ops.charge import Handover, give_up, hand_over, take_charge
from odcore.errors import Fault, Kind
from odcore.identity.rights import administers
from odweb.names import named
from odweb.project.request import Asked, signed_in
from odweb.staff.forms import KINDS, DayForm, HandoverForm
from odweb.staff.views import rights_of


@signed_in
def post(request: Asked, key: str) -> HttpResponse:
    """Its charges; the form hands it over."""
    may = rights_of(request)
    found = request.house.directory.post(key)
    may.require(administers(request.house.directory, may, found))
    form = HandoverForm(request.POST or None, initial={"former": found.former or "", "to": _successor(request)})
    if request.method == "POST" and form.is_valid() and _handed_over(request, found, form):
        messages.success(request, _("The charge is entered."))
        return HttpResponseRedirect(reverse("staff-post", args=[found.id]))
    asked = DayForm(request.GET or None)
    day = asked.cleaned_data["day"] if asked.is_valid() else None
    shown = {
        "found": found,
        "form": form,
        "asked": asked,
        "day": day,
        "present": clock.now(),
        "then": _named(request, _during(found, day) if day else []),
        "now": _named(request, [each for each in found.charges if each.covers(clock.now())]),
        "charges": _named(request, list(reversed(found.charges))),
    }
    return render(request, "staff/post.html", shown, status=400 if form.errors else 200)


def _successor(request: Asked) -> str:
    """Whom a link proposes, as they sign in; nobody where there is no such person."""
    key = request.GET.get("to", "")
    try:
        return request.house.directory.person(key).uid if key else ""
    except Fault as fault:
        if fault.kind is not Kind.NOT_FOUND:
            raise
        return ""


_CHANGES = {"beside": take_charge, "relieved": give_up}
"""What is not said is a handover; a vacancy is one to nobody, or to a link officer."""


def _handed_over(request: Asked, found: Post, form: HandoverForm) -> bool:
    given = form.cleaned_data
    change = _CHANGES.get(given["how"], hand_over)
    wanted = Handover(
        to=given["to"].strip(),
        order=given["order"],
        at=given["at"],
        kind=ChargeKind(given["kind"]),
        former=given["former"],
    )
    if given["how"] == "vacant" and wanted.to:
        wanted = msgspec.structs.replace(wanted, kind=ChargeKind.LINK)
    try:
        change(request.admin, found, wanted)
    except Fault as fault:
        if fault.kind is Kind.NOT_FOUND and given["how"] == "relieved":
            form.add_error("to", _("This person does not hold the post then."))
        elif fault.kind is Kind.NOT_FOUND:
            form.add_error("to", _("Nobody has this name."))
        elif fault.kind is Kind.EXISTS:
            form.add_error("to", _("That person holds the post already."))
        elif fault.kind is Kind.CONFLICT:
            form.add_error("at", _("Somebody has taken charge since then."))
        else:
            raise
        return False
    return True


def _during(post: Post, day: date) -> list[Charge]:
    """At any time of the day: on that of a handover, both."""
    begin, end = (timezone.make_aware(datetime.combine(each, time())) for each in (day, day + timedelta(days=1)))
    return [each for each in post.charges if each.start < end and (each.end is None or each.end > begin)]


def _named(request: Asked, charges: list[Charge]) -> list[tuple[Charge, str, str]]:
    """Each with its holder's name, and how it is held."""
    kinds = dict(KINDS)
    return [(charge, _name(request, charge), str(kinds[charge.kind])) for charge in charges]


def _name(request: Asked, charge: Charge) -> str:
    try:
        return named(request.house.directory.person(charge.person))
    except Fault as fault:
        if fault.kind is not Kind.NOT_FOUND:
            raise
        return _("somebody who is no longer in the directory")
