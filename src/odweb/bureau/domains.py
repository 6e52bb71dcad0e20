"""Mail domains that are ours: added, made the default, given languages, taken out. The agency's alone."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from odcore.directory.model import Domain
from odcore.directory.ops.domain import AddDomain, add_domain, make_default, set_languages
from odcore.directory.ops.removal import delete
from odcore.errors import Fault, Kind
from odweb.bureau.agency import agency_only
from odweb.bureau.forms import DomainForm, NewDomainForm
from odweb.project.request import Asked


@agency_only
def domains(request: Asked) -> HttpResponse:
    """All; the form adds one."""
    form = NewDomainForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = add_domain(request.admin, AddDomain(name=form.cleaned_data["name"]))
        except Fault as fault:
            if fault.kind not in (Kind.EXISTS, Kind.BAD_REQUEST):
                raise
            form.add_error("name", _("This is no name of a domain, or it is there already."))
        else:
            messages.success(request, _("Mail for this domain is ours now. The DNS must say so, too."))
            return HttpResponseRedirect(reverse("domain", args=[made.name]))
    shown = {"domains": request.house.directory.domains(), "form": form}
    return render(request, "bureau/domains.html", shown, status=400 if form.errors else 200)


@agency_only
def one(request: Asked, name: str) -> HttpResponse:
    """Its languages; whether it is the default; and the end of it, once nobody has an address there."""
    found = request.house.directory.domain(name)
    if request.method == "POST" and "remove" in request.POST:
        return _remove(request, found)
    form = DomainForm(found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if tuple(given["languages"]) != found.languages:
            set_languages(request.admin, found, given["languages"])
        if given["default"] and not found.default:
            make_default(request.admin, found)
        messages.success(request, _("Changed."))
        return HttpResponseRedirect(reverse("domains"))
    return render(request, "bureau/domain.html", {"found": found, "form": form}, status=400 if form.errors else 200)


def _remove(request: Asked, found: Domain) -> HttpResponse:
    try:
        delete(request.admin, found)
    except Fault as fault:
        if fault.kind is not Kind.IN_USE:
            raise
        messages.error(request, _("Only a domain in which nobody has an address can go, and not the default one."))
        return HttpResponseRedirect(reverse("domain", args=[found.name]))
    messages.success(request, _("The domain is no longer ours."))
    return HttpResponseRedirect(reverse("domains"))
