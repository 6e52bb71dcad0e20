"""My page and what it leads to."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from odcore.directory.model import DevicePassword
from odcore.directory.ops.device import AddDevicePassword, add_device_password, revoke
from odcore.directory.ops.person import set_password
from odcore.errors import Fault, Kind
from odcore.ids import AccountId
from odweb.entry import fresh, visits
from odweb.me import history
from odweb.me.forms import DeviceForm, PasswordForm
from odweb.names import named
from odweb.owners import owners
from odweb.project.request import Asked, signed_in


@require_safe
@signed_in
def overview(request: Asked) -> HttpResponse:
    """Who I am here."""
    person = request.who.person
    shown = {
        "posts": request.house.access.posts(request.who),
        "devices": len(request.house.directory.device_passwords(person.id)),
        "visits": visits.of(person.id).count(),
    }
    return render(request, "me/overview.html", shown)


@signed_in
def devices(request: Asked) -> HttpResponse:
    """My device passwords; a new one is shown once, in the answer to the form."""
    person = request.who.person
    posts = request.house.access.posts(request.who)
    form = DeviceForm(posts, named(person), request.POST or None)
    made = None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        wanted = AddDevicePassword(
            person=person,
            name=given["name"],
            post=next((post for post in posts if post.id == given["account"]), None),
            scopes=tuple(given["scopes"]),
            expires=given["life"],
        )
        device, secret = add_device_password(request.admin, wanted)
        made = {"name": device.name, "login": request.house.directory.account(device.account).address, "secret": secret}
        form = DeviceForm(posts, named(person))
    shown = {"form": form, "made": made, "devices": _mine(request), "services": request.house.services()}
    return render(request, "me/devices.html", shown, status=400 if form.errors else 200)


@require_POST
@signed_in
def revoke_device(request: Asked, name: str) -> HttpResponse:
    """What it opened ends within seconds."""
    person = request.who.person
    device = next((each for each in _devices(request) if each.id == name), None)
    if device is None:
        raise Fault(Kind.NOT_FOUND, _("This device password is gone already."))
    revoke(request.admin, person, device)
    messages.success(request, _("The password of “%(name)s” no longer opens anything.") % {"name": device.name})
    return HttpResponseRedirect(reverse("devices"))


@sensitive_post_parameters()
@signed_in
def password(request: Asked) -> HttpResponse:
    """A new directory password. Every other session and app that used the old one ends within seconds."""
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _change_password(request, form):
        messages.success(request, _("Your password is changed. Apps that used the old one are signed out."))
        return HttpResponseRedirect(reverse("me"))
    return render(request, "me/password.html", {"form": form}, status=400 if form.errors else 200)


def _change_password(request: Asked, form: PasswordForm) -> bool:
    person, given = request.who.person, form.cleaned_data
    if not fresh.confirm(request, given["current"]):
        form.add_error("current", _("This is not your present password."))
        return False
    try:
        set_password(request.admin, person, given["new"])
    except Fault as fault:
        if fault.kind is not Kind.BAD_REQUEST:
            raise
        form.add_error("new", _("This password cannot be used. Choose one that has nothing to do with your name."))
        return False
    visits.begin_anew(request)
    return True


@require_safe
@signed_in
def sessions(request: Asked) -> HttpResponse:
    """Browsers I am signed in with, and my last sign-ins by any app."""
    person = request.who.person
    shown = {
        "visits": [(each, history.browser(each.agent)) for each in visits.of(person.id)],
        "current": request.session.session_key,
        "looks": history.looks(request.house.trail, owners(request), lambda account: _name(request, account)),
        "history": history.sign_ins(request.house.trail, person.id),
    }
    return render(request, "me/sessions.html", shown)


@require_POST
@signed_in
def end_session(request: Asked, number: int) -> HttpResponse:
    """One of my browsers is signed out."""
    if visits.end_one(request.who.person.id, number):
        messages.success(request, _("That browser is signed out."))
    return HttpResponseRedirect(reverse("sessions"))


def _devices(request: Asked) -> list[DevicePassword]:
    return request.house.directory.device_passwords(request.who.person.id)


def _name(request: Asked, account: AccountId) -> str:
    try:
        return named(request.house.directory.person(account))
    except Fault as fault:
        if fault.kind is not Kind.NOT_FOUND:
            raise
        return _("somebody who is no longer in the directory")


def _mine(request: Asked) -> list[tuple[DevicePassword, str, dict[str, Any] | None]]:
    """Each with the name of the mailbox it opens, and its last use."""
    names = {request.who.person.id: named(request.who.person)}
    names |= {post.id: named(post) for post in request.house.access.posts(request.who)}
    uses = {
        device: {"at": datetime.fromisoformat(use.at), "address": use.address, "client": use.client}
        for device, use in request.house.uses.of(request.who.person.id).items()
    }
    gone = _("a post no longer held")
    return [(each, names.get(each.account, gone), uses.get(each.id)) for each in _devices(request)]
