"""People: found, looked at, changed; and the page where somebody sets a password with a code."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from odcore import clock
from odcore.directory.model import Person, Post, State
from odcore.directory.ops.person import EditPerson, edit_person
from odcore.directory.ops.state import set_state
from odcore.errors import Fault, Kind
from odcore.identity.rights import Rights, administers, memberships, rights, sees_numbers
from odweb.entry.fresh import fresh
from odweb.factors import second
from odweb.leaves import leaf
from odweb.project.request import Asked, signed_in
from odweb.staff import codes
from odweb.staff.forms import CodeForm, PersonForm

_SHORTEST, _MOST = 2, 100
_AHEAD = timedelta(days=183)


@require_safe
@signed_in
def overview(request: Asked) -> HttpResponse:
    """A search over people and posts of my offices."""
    may = rights_of(request)
    text = "".join(filter(str.isprintable, request.GET.get("q", ""))).strip()[:100]
    people: list[Person] = []
    posts: list[Post] = []
    if len(text) >= _SHORTEST:
        people = [each for each in request.house.directory.people(text) if each.office in may.offices][:_MOST]
        posts = [each for each in request.house.directory.posts(text) if each.office in may.offices][:_MOST]
    return render(request, "staff/overview.html", {"text": text, "people": people, "posts": posts})


@require_safe
@signed_in
def leavers(request: Asked) -> HttpResponse:
    """Who retires, or whose contract ends, within half a year, in my offices."""
    may = rights_of(request)
    now = clock.now()
    directory = request.house.directory
    found = [each for each in directory.expiring(now, now + _AHEAD) if each.office in may.offices]
    shown = leaf(request, found)
    people = [(each, directory.posts_held(each.id, now)) for each in shown]
    return render(request, "staff/leaving.html", {"people": people, "leaf": shown})


@signed_in
def person(request: Asked, key: str) -> HttpResponse:
    """One person; the form changes what is in it."""
    may, found = person_of(request, key)
    offices = [each for each in request.house.directory.offices() if each.id in may.offices]
    directory, who = request.house.directory, request.who
    private = may.agency or sees_numbers(directory, memberships(directory, request.house.access, who))
    form = PersonForm(offices, found, request.POST or None, private=private)
    if request.method == "POST" and form.is_valid():
        edit_person(request.admin, found, EditPerson(**form.cleaned_data))
        messages.success(request, _("Changed."))
        return _to(found)
    shown = {"found": found, "form": form, "active": found.state is State.ACTIVE, "second": second.has(found.id)}
    return render(request, "staff/person.html", shown, status=400 if form.errors else 200)


@require_POST
@signed_in
def switch(request: Asked, key: str) -> HttpResponse:
    """Disabled, or enabled again."""
    _may, found = person_of(request, key)
    if found.id == request.who.person.id:
        raise Fault(Kind.BAD_REQUEST, _("You cannot disable yourself."))
    set_state(request.admin, found, State(_chosen(request, "state", tuple(State))))
    return _to(found)


@require_POST
@signed_in
def code(request: Asked, key: str) -> HttpResponse:
    """A code for a person, shown this once, to be printed."""
    _may, found = person_of(request, key)
    shown = {"found": found, "code": codes.make(request.house, request.who.person.id, found), "days": codes.LIFE.days}
    return render(request, "staff/code.html", shown)


@require_POST
@fresh
def forget_second(request: Asked, key: str) -> HttpResponse:
    """For who has lost phone and codes: the next sign-in asks for the password alone."""
    _may, found = person_of(request, key)
    second.reset(request.house, request.who.person.id, found.id)
    messages.success(request, _("The second step is reset."))
    return _to(found)


@sensitive_post_parameters()
def welcome(request: Asked) -> HttpResponse:
    """For who has a code: a password that nobody else has seen."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _set(request, form):
        return HttpResponseRedirect(reverse("sign-in"))
    return render(request, "staff/welcome.html", {"form": form}, status=400 if form.errors else 200)


def rights_of(request: Asked) -> Rights:
    """Fault DENIED for who administers nothing."""
    may = rights(request.house.directory, request.house.access, request.who)
    may.require(bool(may))
    return may


def _set(request: Asked, form: CodeForm) -> bool:
    throttle, address = request.house.throttle, request.META.get("REMOTE_ADDR", "")
    throttle.check(f"welcome {address}", address)
    try:
        found = codes.use(request, form.cleaned_data["code"], form.cleaned_data["new"])
    except Fault as fault:
        if fault.kind is Kind.LOGIN:
            throttle.failed(f"welcome {address}", address)
            form.add_error(
                "code", _("This code is not valid, or it has been used. Ask your nodal officer for another.")
            )
        elif fault.kind is Kind.BAD_REQUEST:
            form.add_error("new", _("This password cannot be used. Choose one that has nothing to do with your name."))
        else:
            raise
        return False
    told = _("Your password is set. Sign in as %(address)s")
    messages.success(request, told % {"address": found.addresses[0]})
    return True


def person_of(request: Asked, key: str) -> tuple[Rights, Person]:
    """Faults NOT_FOUND, DENIED."""
    may = rights_of(request)
    found = request.house.directory.person(key)
    may.require(administers(request.house.directory, may, found))
    return may, found


def _chosen(request: Asked, name: str, allowed: tuple[str, ...]) -> str:
    value = request.POST.get(name, "")
    if value not in allowed:
        raise Fault(Kind.BAD_REQUEST, _("The request could not be understood."))
    return value


def _to(found: Person) -> HttpResponse:
    return HttpResponseRedirect(reverse("staff-person", args=[found.id]))
