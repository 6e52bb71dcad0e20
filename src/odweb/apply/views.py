"""The public pages: the form, the code, the address, the reference; and where an application is."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from odcore import clock, ids
from odcore.directory.address import check_new
from odcore.directory.bulk.check import taken
from odcore.directory.bulk.naming import suggested
from odcore.directory.bulk.odia import romanized
from odcore.errors import Fault, Kind
from odweb.apply import work
from odweb.apply.forms import AddressForm, ApplyForm, CodeForm, StatusForm
from odweb.apply.models import Application
from odweb.apply.offices import Place, places, search
from odweb.apply.words import state
from odweb.mobile import codes
from odweb.project.request import Asked

_MINE, _VERIFIED, _ASKED = "application", "application-verified", "application-asked"
_APPLY, _STATUS = "apply", "apply-status"
_SUGGESTIONS = 5
_COPIED = ("name", "odia", "employee", "title", "office", "mobile", "email", "post", "expires")


def begin(request: Asked) -> HttpResponse:
    """Who wants an account."""
    given = request.POST or None
    found = _found(request, given.get("search", ""), given.get("office", "")) if given else []
    form = ApplyForm(found, given)
    if given and form.is_valid():
        application = _kept(form)
        try:
            codes.send(request, _APPLY, application.key, application.mobile)
        except Fault as fault:
            if fault.kind is not Kind.LIMIT:
                raise
            form.add_error("mobile", fault.text)
        else:
            application.save()
            request.session[_MINE] = application.key
            request.session.pop(_VERIFIED, None)
            return HttpResponseRedirect(reverse("apply-code"))
    return render(request, "apply/begin.html", {"form": form}, status=400 if form.errors else 200)


@require_safe
def offices(request: Asked) -> HttpResponse:
    """The choice of offices while somebody types."""
    form = ApplyForm(_found(request, request.GET.get("search", ""), ""))
    return render(request, "apply/offices.html", {"field": form["office"], "asked": bool(request.GET.get("search"))})


def code(request: Asked) -> HttpResponse:
    """Whoever can read it back holds the phone."""
    application = _mine(request)
    if application is None:
        return HttpResponseRedirect(reverse("apply"))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _fits(form, _APPLY, application.key):
        request.session.cycle_key()
        request.session[_VERIFIED] = application.key
        return HttpResponseRedirect(reverse("apply-address"))
    shown = {"form": form, "mobile": application.mobile, "again": reverse("apply")}
    return render(request, "apply/code.html", shown, status=400 if form.errors else 200)


def address(request: Asked) -> HttpResponse:
    """Free ones by the naming rules, or another that is wished; then the application is sent."""
    application = _mine(request)
    if application is None or request.session.get(_VERIFIED) != application.key:
        return HttpResponseRedirect(reverse("apply-code"))
    directory = request.house.directory
    domain = directory.default_domain()
    proposed = suggested(application.name or romanized(application.odia))
    used = taken(directory, set(proposed), domain)
    free = [name for name in proposed if name not in used and _may_be(name, domain)][:_SUGGESTIONS]
    form = AddressForm(free, domain, lambda name: bool(taken(directory, {name}, domain)), request.POST or None)
    if request.method == "POST" and form.is_valid():
        application.address = form.chosen
        work.submit(request.house, application)
        del request.session[_VERIFIED], request.session[_MINE]
        request.session[_ASKED] = application.key
        return HttpResponseRedirect(reverse("apply-state"))
    return render(request, "apply/address.html", {"form": form}, status=400 if form.errors else 200)


def status(request: Asked) -> HttpResponse:
    """By reference and mobile number. An unknown reference and a number that is not its own say the same."""
    form = StatusForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        found = Application.objects.filter(reference=given["reference"], mobile=given["mobile"]).first()
        subject = found.key if found else ids.uuid7()
        try:
            codes.send(request, _STATUS, subject, given["mobile"], wanted=found is not None)
        except Fault as fault:
            if fault.kind is not Kind.LIMIT:
                raise
            form.add_error("mobile", fault.text)
        else:
            request.session["status"] = subject
            return HttpResponseRedirect(reverse("apply-status-code"))
    return render(request, "apply/status.html", {"form": form}, status=400 if form.errors else 200)


def status_code(request: Asked) -> HttpResponse:
    """The code that came to the phone of the application."""
    subject = request.session.get("status", "")
    if not subject:
        return HttpResponseRedirect(reverse("apply-status"))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _fits(form, _STATUS, subject):
        request.session.cycle_key()
        del request.session["status"]
        request.session[_ASKED] = subject
        return HttpResponseRedirect(reverse("apply-state"))
    shown = {"form": form, "again": reverse("apply-status")}
    return render(request, "apply/code.html", shown, status=400 if form.errors else 200)


@require_safe
def shown(request: Asked) -> HttpResponse:
    """Where the application is that this browser sent, or has shown the code for."""
    application = Application.objects.filter(key=request.session.get(_ASKED, "")).first()
    if application is None:
        return HttpResponseRedirect(reverse("apply-status"))
    facts = {
        "found": application,
        "state": state(application.state),
        "domain": request.house.directory.default_domain(),
    }
    return render(request, "apply/state.html", facts)


def _mine(request: Asked) -> Application | None:
    """The one this browser is filling in."""
    return Application.objects.filter(key=request.session.get(_MINE, ""), state=Application.State.OPEN).first()


def _may_be(name: str, domain: str) -> bool:
    """Somebody may well be called Root; the address is nobody's."""
    try:
        check_new(f"{name}@{domain}")
    except Fault:
        return False
    return True


def _kept(form: ApplyForm) -> Application:
    given = form.cleaned_data
    return Application(
        reference=ids.uuid7()[-20:],  # a real one once it is sent
        language=get_language() or "en",
        contract=given["kind"] == "contract",
        changed=clock.now(),
        **{name: given[name] for name in _COPIED},
    )


def _found(request: Asked, text: str, chosen: str) -> list[Place]:
    """What the search finds; and what was chosen before, so that it stays."""
    every = request.house.directory.offices()
    language = get_language() or "en"
    found = search(every, text[:200], language) if text.strip() else []
    kept = [place for place in places(every, language) if place.id == chosen and place not in found] if chosen else []
    return [*kept, *found]


def _fits(form: CodeForm, purpose: str, subject: str) -> bool:
    try:
        codes.check(purpose, subject, form.cleaned_data["code"])
    except Fault as fault:
        if fault.kind is not Kind.LOGIN:
            raise
        form.add_error("code", _("This code is not valid. After five tries, or ten minutes, ask for another."))
        return False
    return True
