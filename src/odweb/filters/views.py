"""Out of office, forwarding and simple rules: of one's own mailbox, or of a post one holds."""

import msgspec
from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from odcore.directory.model import Person, Post
from odcore.errors import Fault, Kind
from odmail.mailbox.api import MailAccount
from odweb.filters import keep
from odweb.filters.forms import AwayForm, ForwardForm, RuleForm
from odweb.filters.wishes import Act, Away, Field, Rule, Wishes
from odweb.owners import owner_of
from odweb.project.request import Asked, signed_in

_MOST_RULES = 50


class _Place(msgspec.Struct, frozen=True):
    """The mailbox that is meant, and what is wished of it."""

    owner: Person | Post
    account: MailAccount
    wishes: Wishes
    mine: tuple[str, ...]


@require_safe
@signed_in
def overview(request: Asked) -> HttpResponse:
    """What is wished now."""
    return _page(request, _place(request))


@require_POST
@signed_in
def away(request: Asked) -> HttpResponse:
    """Out of office on these days."""
    place, form = _place(request), AwayForm(request.POST)
    if not form.is_valid():
        return _page(request, place, away=form)
    return _save(request, place, msgspec.structs.replace(place.wishes, away=Away(**form.cleaned_data)))


@require_POST
@signed_in
def forward(request: Asked) -> HttpResponse:
    """A copy of everything goes there."""
    place = _place(request)
    form = ForwardForm(request.house.objection, place.mine, request.POST)
    if not form.is_valid():
        return _page(request, place, forward=form)
    return _save(request, place, msgspec.structs.replace(place.wishes, forward=form.cleaned_data["forward"]))


@require_POST
@signed_in
def rule(request: Asked) -> HttpResponse:
    """One more."""
    place = _place(request)
    form = RuleForm(request.house.objection, place.mine, request.POST)
    if not form.is_valid():
        return _page(request, place, rule=form)
    if len(place.wishes.rules) >= _MOST_RULES:
        raise Fault(Kind.LIMIT, _("There are very many rules: remove one first."))
    given = form.cleaned_data
    made = Rule(Field(given["field"]), given["text"], Act(given["act"]), given["target"])
    return _save(request, place, msgspec.structs.replace(place.wishes, rules=(*place.wishes.rules, made)))


@require_POST
@signed_in
def remove(request: Asked) -> HttpResponse:
    """Away, the forwarding, or the rule of a number."""
    place, what = _place(request), request.POST.get("what", "")
    rules = place.wishes.rules
    if what == "away":
        left = msgspec.structs.replace(place.wishes, away=None)
    elif what == "forward":
        left = msgspec.structs.replace(place.wishes, forward="")
    elif what.isdecimal() and len(what) < 4 and int(what) < len(rules):
        left = msgspec.structs.replace(place.wishes, rules=rules[: int(what)] + rules[int(what) + 1 :])
    else:
        raise Fault(Kind.NOT_FOUND, _("This is gone already."))
    return _save(request, place, left)


def _place(request: Asked) -> _Place:
    """Fault NOT_FOUND for a post that one does not hold."""
    owner = owner_of(request, request.GET.get("of", ""))
    account = request.house.mail(owner.id)
    return _Place(owner, account, keep.load(account), tuple(each.lower() for each in owner.addresses))


def _save(request: Asked, place: _Place, wished: Wishes) -> HttpResponse:
    keep.save(place.account, wished, request.house.services().domains, request.house.check_script)
    forwards = " ".join(each.target for each in wished.rules if each.act is Act.FORWARD)
    facts = {"away": "yes" if wished.away else "no", "forward": f"{wished.forward} {forwards}".strip()}
    request.house.trail.record("filters-changed", request.who.person.id, place.owner.id, **facts)
    messages.success(request, _("Changed."))
    return HttpResponseRedirect(_address(request, place))


def _address(request: Asked, place: _Place) -> str:
    return reverse("filters") + ("" if place.owner.id == request.who.person.id else f"?of={place.owner.id}")


def _page(request: Asked, place: _Place, **forms: Form) -> HttpResponse:
    now = place.wishes.away
    shown: dict[str, object] = {
        "away": AwayForm(initial=msgspec.structs.asdict(now) if now else None),
        "forward": ForwardForm(request.house.objection, place.mine),
        "rule": RuleForm(request.house.objection, place.mine),
        **forms,
        "wishes": place.wishes,
        "owner": place.owner,
        "posts": request.house.access.posts(request.who),
        "query": _address(request, place).removeprefix(reverse("filters")),
    }
    return render(request, "filters/overview.html", shown, status=400 if forms else 200)
