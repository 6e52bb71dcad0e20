"""Sign in, sign out."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import activate
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from odcore.errors import Fault, Kind
from odcore.identity.api import Credentials, Principal
from odweb.entry import fresh, pending, visits
from odweb.entry.forms import ConfirmForm, SignInForm
from odweb.factors import second
from odweb.project.request import Asked, signed_in


@require_safe
def home(request: Asked) -> HttpResponse:
    """The front door."""
    if request.principal is not None:
        return HttpResponseRedirect(reverse("me"))
    return HttpResponseRedirect(reverse("sign-in"))


@sensitive_post_parameters("password")
def sign_in(request: Asked) -> HttpResponse:
    """With the directory's password. Wrong, unknown and disabled say the same."""
    if request.principal is not None:
        return onward(request.GET.get("next", ""))
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            principal = _check(request, form)
        except Fault as fault:
            if fault.kind not in (Kind.LOGIN, Kind.LIMIT):
                raise
            form.add_error(None, _refusal(fault))
        else:
            if second.has(principal.person.id):
                pending.begin(request, principal, request.GET.get("next", ""))
                return HttpResponseRedirect(reverse("second-step"))
            visits.begin(request, principal)
            return onward(request.GET.get("next", ""))
    return render(request, "entry/sign_in.html", {"form": form}, status=401 if form.errors else 200)


@sensitive_post_parameters("password")
@signed_in
def confirm(request: Asked) -> HttpResponse:
    """The password once more, before something that wants care."""
    form = ConfirmForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if fresh.confirm(request, form.cleaned_data["password"]):
            return onward(request.GET.get("next", ""))
        form.add_error("password", _("This is not your present password."))
    return render(request, "entry/confirm.html", {"form": form}, status=400 if form.errors else 200)


@require_POST
def sign_out(request: Asked) -> HttpResponse:
    """This session ends."""
    visits.end(request)
    return HttpResponseRedirect(reverse("sign-in"))


def _check(request: Asked, form: SignInForm) -> Principal:
    given = form.cleaned_data
    address = request.META.get("REMOTE_ADDR", "")
    principal = request.house.sign_in.sign_in(Credentials(given["login"], given["password"], "web", address))
    if principal.person.language:
        activate(principal.person.language)
    return principal


def _refusal(fault: Fault) -> str:
    if fault.kind is Kind.LIMIT:
        return _("Too many failed attempts. Wait a few minutes and try again.")
    return _("The name or the password is wrong.")


def onward(wanted: str) -> HttpResponse:
    """To where the person wanted to go, if that is a page of ours."""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None, require_https=True):
        return HttpResponseRedirect(wanted)
    return HttpResponseRedirect(reverse("me"))
