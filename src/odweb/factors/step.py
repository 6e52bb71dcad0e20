"""The second step of signing in, and signing in by passkey alone."""

from collections.abc import Callable

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from odcore.errors import Fault, Kind
from odcore.identity.api import Principal
from odweb.entry import pending, visits
from odweb.entry.views import onward
from odweb.factors import codes, passkeys, second
from odweb.factors.forms import StepForm
from odweb.factors.models import App, Passkey
from odweb.project.request import Asked


@sensitive_post_parameters()
def code(request: Asked) -> HttpResponse:
    """A code, or a passkey. Wrong ones slow down the next."""
    about = pending.who(request)
    if about is None:
        return HttpResponseRedirect(reverse("sign-in"))
    principal, wanted = about
    form = StepForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        how = _guarded(request, principal, lambda person: codes.take(request.house, person, form.cleaned_data["code"]))
        if how:
            return _welcome(request, principal, how, wanted)
        form.add_error("code", _("This code is not right, or it was used already. Wait for the next one."))
    person = principal.person.id
    shown = {
        "form": form,
        "app": App.objects.filter(person=person).exists(),
        "passkeys": Passkey.objects.filter(person=person).exists(),
    }
    return render(request, "factors/step.html", shown, status=401 if form.errors else 200)


@require_POST
def options(request: Asked) -> HttpResponse:
    """What the passkey is to sign: of who gave the password, else of anybody."""
    about = pending.who(request)
    text = passkeys.to_prove(request, about[0].person.id if about else "")
    return HttpResponse(text, content_type="application/json")


@require_POST
def passkey(request: Asked) -> HttpResponse:
    """Signed in by it: as the second step, or as both at once where the device knew its owner."""
    about, answer = pending.who(request), request.POST.get("answer", "")[:20_000]
    try:
        if about is None:
            key = passkeys.prove(request, answer)
            principal, wanted = _owner(request, key), request.GET.get("next", "")
        else:
            principal, wanted = about
            _guarded(request, principal, lambda person: passkeys.prove(request, answer, person).name)
    except Fault as fault:
        if fault.kind is not Kind.LOGIN:
            raise
        return render(request, "odweb/problem.html", {"text": fault.text}, status=401)
    return _welcome(request, principal, "passkey", wanted)


def _guarded(request: Asked, principal: Principal, look: Callable[[str], str]) -> str:
    """What `look` says; "" and LOGIN count as guesses. Fault LIMIT after many."""
    throttle, person, address = request.house.throttle, principal.person.id, request.META.get("REMOTE_ADDR", "")
    throttle.check(f"second {person}", address)
    try:
        how = look(person)
    except Fault as fault:
        if fault.kind is Kind.LOGIN:
            _wrong(request, person, address)
        raise
    if how:
        throttle.succeeded(f"second {person}", address)
    else:
        _wrong(request, person, address)
    return how


def _wrong(request: Asked, person: str, address: str) -> None:
    request.house.throttle.failed(f"second {person}", address)
    request.house.trail.record("second-step", person, person, service="web", address=address, outcome="wrong")


def _welcome(request: Asked, principal: Principal, how: str, wanted: str) -> HttpResponse:
    person, address = principal.person.id, request.META.get("REMOTE_ADDR", "")
    request.house.trail.record("second-step", person, person, service="web", address=address, outcome="ok", how=how)
    pending.end(request)
    visits.begin(request, principal)
    second.taken(request)
    return onward(wanted)


def _owner(request: Asked, key: Passkey) -> Principal:
    """Fault LOGIN when they may not sign in any more."""
    try:
        person = request.house.directory.person(key.person)
        principal = Principal(person, request.house.directory.account(person.id))
    except Fault as fault:
        if fault.kind is not Kind.NOT_FOUND:
            raise
        raise passkeys.unknown() from fault
    if not request.house.sign_in.still_valid(principal):
        raise passkeys.unknown()
    return principal
