"""Applications in the hands of those who decide."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from odcore import clock
from odcore.directory.model import Post
from odcore.errors import Fault, Kind
from odcore.identity.rights import Rights, administers
from odweb.apply import work
from odweb.apply.forms import RefusalForm
from odweb.apply.models import Application
from odweb.apply.notices import approvers, names
from odweb.apply.offices import places
from odweb.apply.words import state
from odweb.leaves import leaf
from odweb.project.request import Asked, signed_in
from odweb.sheets.words import said
from odweb.staff.views import rights_of

_OPEN = (Application.State.OFFICE, Application.State.AGENCY, Application.State.MAKING)
_MEANT = 5


@require_safe
@signed_in
def overview(request: Asked) -> HttpResponse:
    """What waits, the most urgent first; what was decided lately."""
    may = rights_of(request)
    every = Application.objects.filter(office__in=may.offices)
    now = clock.now()
    page = leaf(request, every.filter(state__in=_OPEN))
    waiting = [
        (each, state(each.state), work.may_decide(each, request.who, may), each.due is not None and each.due < now)
        for each in page
    ]
    done = every.filter(state__in=(Application.State.MADE, Application.State.REFUSED)).order_by("-changed")
    decided = [(each, state(each.state)) for each in done[:50]]
    return render(request, "apply/queue.html", {"waiting": waiting, "leaf": page, "decided": decided})


@require_safe
@signed_in
def show(request: Asked, key: str) -> HttpResponse:
    """One application, what the directory says of it, and the decision."""
    found, may = _found(request, key)
    return _page(request, found, may, RefusalForm())


@require_POST
@signed_in
def approve(request: Asked, key: str) -> HttpResponse:
    """For the office, or for the agency."""
    found, _may = _to_decide(request, key)
    work.approve(request.house, found, request.who.person.id)
    messages.success(request, _("Approved."))
    return HttpResponseRedirect(reverse("application", args=[key]))


@require_POST
@signed_in
def refuse(request: Asked, key: str) -> HttpResponse:
    """With a reason, which the applicant reads."""
    found, may = _to_decide(request, key)
    form = RefusalForm(request.POST)
    if not form.is_valid():
        return _page(request, found, may, form)
    work.refuse(request.house, found, request.who.person.id, form.cleaned_data["reason"])
    messages.success(request, _("Refused."))
    return HttpResponseRedirect(reverse("application", args=[key]))


def _wished(request: Asked, found: Application, may: Rights) -> list[Post]:
    """The posts that the applicant's words may mean, of those whose charge this administrator gives."""
    directory = request.house.directory
    posts = directory.posts(found.post) if found.post and found.account else []
    return [each for each in posts if administers(directory, may, each)][:_MEANT]


def _page(request: Asked, found: Application, may: Rights, form: RefusalForm) -> HttpResponse:
    waits = found.state in (Application.State.OFFICE, Application.State.AGENCY)
    every = places(request.house.directory.offices(), get_language() or "en")
    candidate = work.judged(request.house, found) if waits else None
    shown = {
        "found": found,
        "state": state(found.state),
        "office": next((place.path for place in every if place.id == found.office), ""),
        "remarks": list(map(said, candidate.remarks)) if candidate else [],
        "well": candidate is not None and not candidate.remarks,
        "may_decide": work.may_decide(found, request.who, may),
        "waits_for": names(approvers(request.house, found)) if waits else "",
        "late": found.due is not None and found.due < clock.now(),
        "domain": request.house.directory.default_domain(),
        "form": form,
        "posts": _wished(request, found, may),
    }
    return render(request, "apply/show.html", shown, status=400 if form.errors else 200)


def _found(request: Asked, key: str) -> tuple[Application, Rights]:
    """Faults NOT_FOUND, DENIED."""
    may = rights_of(request)
    found = Application.objects.filter(key=key).exclude(state=Application.State.OPEN).first()
    if found is None:
        raise Fault(Kind.NOT_FOUND, _("There is no such application."))
    may.require(may.agency or may.cover([found.office]))
    return found, may


def _to_decide(request: Asked, key: str) -> tuple[Application, Rights]:
    found, may = _found(request, key)
    if found.state not in (Application.State.OFFICE, Application.State.AGENCY):
        raise Fault(Kind.CONFLICT, _("Somebody was quicker: look at it again."))
    may.require(work.may_decide(found, request.who, may))
    return found, may
