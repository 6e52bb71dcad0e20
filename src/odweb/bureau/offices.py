"""Offices: the agency's tree, and the branches of those who administer one."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from odcore.directory.model import Office
from odcore.directory.ops.office import AddOffice, EditOffice, add_office, edit_office
from odcore.errors import Fault, Kind
from odcore.identity.rights import Rights
from odweb.apply.offices import Place, places
from odweb.bureau.forms import OfficeForm
from odweb.project.request import Asked, signed_in
from odweb.staff.views import rights_of


@signed_in
def offices(request: Asked) -> HttpResponse:
    """My offices as a tree; the form adds one below one of them."""
    may = rights_of(request)
    mine = _mine(request, may)
    form = OfficeForm(mine, None, top=may.agency, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        names = {"or": given["odia"]} if given["odia"] else {}
        wanted = AddOffice(ou=given["ou"], name=given["name"], names=names, parent=given["parent"])
        try:
            add_office(request.admin, wanted)
        except Fault as fault:
            if fault.kind is not Kind.EXISTS:
                raise
            form.add_error("ou", _("There is an office of this name."))
        else:
            messages.success(request, _("The office is there."))
            return HttpResponseRedirect(reverse("offices"))
    shown = {"places": mine, "form": form}
    return render(request, "bureau/offices.html", shown, status=400 if form.errors else 200)


@signed_in
def office(request: Asked, key: str) -> HttpResponse:
    """One of mine. Only the agency moves the top of a branch."""
    may = rights_of(request)
    found = request.house.directory.office(key)
    may.require(found.id in may.offices)
    above = _mine(request, may)
    if not may.agency and found.parent not in may.offices:  # the top of my branch stays where it is
        above = [
            place
            for place in places(request.house.directory.offices(), get_language() or "en")
            if place.id == found.parent
        ]
    form = OfficeForm(above, found, top=may.agency or not found.parent, data=request.POST or None)
    if request.method == "POST" and form.is_valid() and _changed(request, found, form):
        messages.success(request, _("Changed."))
        return HttpResponseRedirect(reverse("offices"))
    return render(request, "bureau/office.html", {"found": found, "form": form}, status=400 if form.errors else 200)


def _changed(request: Asked, found: Office, form: OfficeForm) -> bool:
    given = form.cleaned_data
    names = {**found.names, "or": given["odia"]} if given["odia"] else found.names
    try:
        edit_office(request.admin, found, EditOffice(name=given["name"], names=names, parent=given["parent"]))
    except Fault as fault:
        if fault.kind is not Kind.CONFLICT:
            raise
        form.add_error("parent", _("An office cannot be part of itself."))
        return False
    return True


def _mine(request: Asked, may: Rights) -> list[Place]:
    every = places(request.house.directory.offices(), get_language() or "en")
    return [place for place in every if place.id in may.offices]
