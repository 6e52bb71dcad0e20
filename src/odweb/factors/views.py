"""My second step: an app, passkeys, recovery codes."""

import segno
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from odcore.errors import Fault, Kind
from odweb.entry.fresh import fresh
from odweb.factors import codes, passkeys, second
from odweb.factors.forms import AppForm, PasskeyForm
from odweb.factors.models import App, Passkey, Recovery
from odweb.project.request import Asked, signed_in

_SECRET = "second-step-secret"  # noqa: S105 - where a session keeps one that is not confirmed yet


@require_safe
@signed_in
def overview(request: Asked) -> HttpResponse:
    """What I have."""
    return _page(request)


@sensitive_post_parameters()
@fresh
def app(request: Asked) -> HttpResponse:
    """A new app: its QR code, and the first code it shows."""
    person = request.who.person
    secret = request.session.setdefault(_SECRET, codes.new_secret())
    form = AppForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        step = codes.fits(secret, "".join(form.cleaned_data["code"].split()))
        if step:
            made = codes.keep(request.house, person.id, secret, step)
            del request.session[_SECRET]
            second.taken(request)
            _told(request, "app-added")
            return _page(request, made)
        form.add_error("code", _("This is not the code of now. Is the clock of the phone right?"))
    address = codes.address(secret, person, request.house.services().domains[0])
    picture = segno.make(address, error="m").svg_data_uri(scale=5, border=3, light="#fff")
    shown = {"form": form, "picture": picture, "secret": " ".join(secret[at : at + 4] for at in range(0, 32, 4))}
    return render(request, "factors/app.html", shown, status=400 if form.errors else 200)


@require_POST
@fresh
def remove_app(request: Asked) -> HttpResponse:
    """The app is asked no more."""
    if App.objects.filter(person=request.who.person.id).delete()[0]:
        _told(request, "app-removed")
    return HttpResponseRedirect(reverse("second"))


@require_POST
@fresh
def recovery(request: Asked) -> HttpResponse:
    """New recovery codes, shown this once."""
    if not second.has(request.who.person.id):
        raise Fault(Kind.BAD_REQUEST, _("First set up an app or a passkey."))
    made = codes.renew(request.who.person.id)
    _told(request, "recovery-codes-made")
    return _page(request, made)


@require_POST
@fresh
def options(request: Asked) -> HttpResponse:
    """What the browser makes a passkey with."""
    return HttpResponse(passkeys.to_make(request), content_type="application/json")


@require_POST
@fresh
def passkey(request: Asked) -> HttpResponse:
    """A new one; the first comes with recovery codes."""
    form = PasskeyForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form)
    person = request.who.person.id
    key = passkeys.make(request, form.cleaned_data["answer"], form.cleaned_data["name"])
    second.taken(request)
    _told(request, "passkey-added", name=key.name)
    if not Recovery.objects.filter(person=person).exists():
        return _page(request, codes.renew(person))
    messages.success(request, _("The passkey is kept."))
    return HttpResponseRedirect(reverse("second"))


@require_POST
@fresh
def remove_passkey(request: Asked, number: int) -> HttpResponse:
    """It opens nothing any more."""
    key = Passkey.objects.filter(person=request.who.person.id, pk=number).first()
    if key is None:
        raise Fault(Kind.NOT_FOUND, _("This passkey is gone already."))
    key.delete()
    _told(request, "passkey-removed", name=key.name)
    return HttpResponseRedirect(reverse("second"))


def _page(request: Asked, made: list[str] | None = None, form: PasskeyForm | None = None) -> HttpResponse:
    person = request.who.person.id
    shown = {
        "app": App.objects.filter(person=person).first(),
        "passkeys": Passkey.objects.filter(person=person),
        "left": Recovery.objects.filter(person=person).count(),
        "made": made,
        "form": form or PasskeyForm(),
        "owed": second.owed(request),
    }
    return render(request, "factors/overview.html", shown, status=400 if form and form.errors else 200)


def _told(request: Asked, event: str, **facts: str) -> None:
    person = request.who.person.id
    request.house.trail.record(f"second-step-{event}", person, person, **facts)
