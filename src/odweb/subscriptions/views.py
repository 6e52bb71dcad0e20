"""Which calendars from outside I see, and one more: the use cases of `odmail calendar subscribe`."""

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from odcore.directory.model import Person, Post
from odcore.errors import Kind
from oddav.feeds.subscribing import Subscription, titled
from oddav.shares import Collections
from oddav.store.ops.feeds import feeds
from oddav.store.store import Home
from odweb.owners import owner_of, owners
from odweb.project.request import Asked, signed_in
from odweb.refusals import done
from odweb.sharing.things import things
from odweb.subscriptions.forms import SubscriptionForm


class _Line(msgspec.Struct, frozen=True):
    """One of them, in words."""

    name: str
    title: str
    source: str
    fetched: datetime | None
    failed: bool


@signed_in
def overview(request: Asked) -> HttpResponse:
    """The form adds one."""
    given = request.POST if request.method == "POST" else request.GET
    owner, form = owner_of(request, given.get("of", "")), SubscriptionForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _subscribe(request, owner, form):
        messages.success(request, _("It appears within a minute."))
        return _back(owner)
    shown = {
        "form": form,
        "of": owner,
        "owners": owners(request),
        "hosts": request.house.subscribing.hosts,
        "lines": list(_lines(_home(request, owner))),
    }
    return render(request, "subscriptions/overview.html", shown, status=400 if form.errors else 200)


@require_POST
@signed_in
def end(request: Asked) -> HttpResponse:
    """It is gone from all devices."""
    owner, name = owner_of(request, request.POST.get("of", "")), request.POST.get("name", "")
    home = _home(request, owner)
    if any(each.name == name for each in home.read(feeds)):
        home.remove_collection(name)
        request.house.trail.record("calendar-unsubscribed", request.who.person.id, owner.id, collection=name)
    messages.success(request, _("Changed."))
    return _back(owner)


def _subscribe(request: Asked, owner: Person | Post, form: SubscriptionForm) -> bool:
    given, house = form.cleaned_data, request.house
    told = {
        Kind.BAD_REQUEST: ("url", _("This is no address of a calendar.")),
        Kind.DENIED: ("url", _("Calendars from there cannot be shown here.")),
        Kind.LIMIT: ("url", _("There are very many calendars: end one first.")),
    }

    def subscribe() -> None:
        url = given["url"].strip()
        name = house.subscribing.subscribe(_home(request, owner), Subscription(url, titled(given["title"])))
        house.trail.record("calendar-subscribed", request.who.person.id, owner.id, collection=name, url=url)

    return done(form, subscribe, told)


def _lines(home: Home) -> Iterator[_Line]:
    titles = {each.name: each.title for each in things(home)}
    for each in home.read(feeds):
        fetched = datetime.fromtimestamp(each.fetched, UTC) if each.fetched else None
        yield _Line(each.name, titles.get(each.name, each.name), each.source, fetched, bool(each.said))


def _home(request: Asked, owner: Person | Post) -> Home:
    return Collections(request.house.register, request.house.collections).home(owner)


def _back(owner: Person | Post) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('subscriptions')}?{urlencode({'of': owner.id})}")
