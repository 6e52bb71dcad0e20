"""Who acts for me and for the posts I hold, and for whom I act."""

from datetime import UTC, datetime, time, timedelta

import msgspec
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from odcore import clock
from odcore.errors import Fault, Kind
from odcore.ids import AccountId
from odcore.sharing.api import MAIL, Delegation, Power
from odcore.sharing.delegation import Delegations, Give
from odweb.delegates.forms import POWERS, DelegateForm
from odweb.entry.fresh import fresh
from odweb.names import named
from odweb.owners import owner_of
from odweb.project.request import Asked
from odweb.refusals import done


class _Line(msgspec.Struct, frozen=True):
    """One delegation, in words."""

    given: Delegation
    whose: str
    delegate: str
    powers: list[str]
    until: datetime | None


@fresh
def overview(request: Asked) -> HttpResponse:
    """The form lets one more act."""
    posts = request.house.access.posts(request.who)
    form = DelegateForm(posts, named(request.who.person), request.POST or None)
    if request.method == "POST" and form.is_valid() and _give(request, form):
        messages.success(request, _("Changed."))
        return HttpResponseRedirect(reverse("delegates"))
    register, person = request.house.register, request.who.person
    mine = [
        each for owner in (person.id, *(post.id for post in posts)) for each in register.delegations_of(MAIL, owner)
    ]
    now = int(clock.now().timestamp())
    shown = {
        "form": form,
        "given": [_line(request, each) for each in mine if each.covers(now)],
        "taken": [_line(request, each) for each in register.delegations_to(MAIL, person.id)],
    }
    return render(request, "delegates/overview.html", shown, status=400 if form.errors else 200)


@require_POST
@fresh
def end(request: Asked) -> HttpResponse:
    """They act no more, from now on."""
    owner = owner_of(request, request.POST.get("of", ""))
    _delegations(request).end(owner, AccountId(request.POST.get("who", "")))
    messages.success(request, _("Changed."))
    return HttpResponseRedirect(reverse("delegates"))


def _give(request: Asked, form: DelegateForm) -> bool:
    told = {
        Kind.NOT_FOUND: ("who", _("Nobody has this name.")),
        Kind.BAD_REQUEST: ("who", _("Nobody is their own delegate.")),
        Kind.LIMIT: ("who", _("No more people may act for this mailbox: end another first.")),
    }
    return done(form, lambda: _delegations(request).give(_wanted(request, form)), told)


def _wanted(request: Asked, form: DelegateForm) -> Give:
    given, until = form.cleaned_data, form.cleaned_data["until"]
    return Give(
        owner=owner_of(request, given["of"]),
        delegate=request.house.directory.person(given["who"].strip()),
        powers=frozenset(map(Power, given["powers"])),
        until=timezone.make_aware(datetime.combine(until, time()) + timedelta(days=1)) if until else None,
    )


def _delegations(request: Asked) -> Delegations:
    house = request.house
    return Delegations(house.register, house.trail.record, request.who.person.id, house.delegates)


def _line(request: Asked, given: Delegation) -> _Line:
    until = datetime.fromtimestamp(given.until, UTC) - timedelta(seconds=1) if given.until else None
    powers = [str(name) for power, name in POWERS if power in given.powers]
    return _Line(given, _name(request, given.owner), _name(request, given.delegate), powers, until)


def _name(request: Asked, account: AccountId) -> str:
    try:
        return request.house.directory.account(account).address
    except Fault as fault:
        if fault.kind not in (Kind.NOT_FOUND, Kind.DENIED):
            raise
        return _("somebody who is no longer in the directory")
