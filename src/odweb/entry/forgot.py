"""A forgotten password: a code to the mobile number that the directory has, and a new one. The second step stays."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from odcore.directory.model import Person, State
from odcore.directory.ops.person import set_password
from odcore.errors import Fault, Kind
from odweb.entry.forms import ForgotForm, ResetForm
from odweb.mobile import codes
from odweb.project.request import Asked

_NAME, _PURPOSE = "forgotten-by", "password"


def forgot(request: Asked) -> HttpResponse:
    """Who has no number here, or does not exist, gets the same answer."""
    form = ForgotForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        login = form.cleaned_data["login"].strip().lower()
        person = _person(request, login)
        codes.send(
            request,
            _PURPOSE,
            person.id if person else login,
            person.mobile if person else f"unknown {login}",
            wanted=person is not None,
            name=login,
        )
        request.session[_NAME] = login
        return HttpResponseRedirect(reverse("reset"))
    return render(request, "entry/forgot.html", {"form": form}, status=400 if form.errors else 200)


@sensitive_post_parameters()
def reset(request: Asked) -> HttpResponse:
    """With the code."""
    login = request.session.get(_NAME, "")
    if not login:
        return HttpResponseRedirect(reverse("forgot"))
    form = ResetForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _set(request, login, form):
        del request.session[_NAME]
        messages.success(request, _("Your password is changed. Apps that used the old one are signed out."))
        return HttpResponseRedirect(reverse("sign-in"))
    return render(request, "entry/reset.html", {"form": form}, status=400 if form.errors else 200)


def _set(request: Asked, login: str, form: ResetForm) -> bool:
    person = _person(request, login)
    try:
        codes.check(_PURPOSE, person.id if person else login, form.cleaned_data["code"])
    except Fault as fault:
        if fault.kind is not Kind.LOGIN:
            raise
        form.add_error("code", _("This code is not right, or too old. Ask for another one."))
        return False
    if person is None:  # gone since
        return False
    try:
        set_password(request.house.admin(person.id), person, form.cleaned_data["new"])
    except Fault as fault:
        if fault.kind is not Kind.BAD_REQUEST:
            raise
        form.add_error("new", _("This password cannot be used. Choose one that has nothing to do with your name."))
        return False
    request.house.trail.record("password-reset-by-mobile", person.id, person.id, address=request.META["REMOTE_ADDR"])
    return True


def _person(request: Asked, login: str) -> Person | None:
    """Whoever may have a code."""
    try:
        person = request.house.directory.person(login)
    except Fault as fault:
        if fault.kind not in (Kind.NOT_FOUND, Kind.BAD_REQUEST):
            raise
        return None
    return person if person.state is State.ACTIVE and person.mobile else None
