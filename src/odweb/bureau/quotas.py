"""Who uses how much, and what each may: people and posts of one office at a time, or those a search finds."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from odcore.directory.ldap import LdapDirectory
from odcore.directory.model import Person, Post
from odcore.directory.ops.person import EditPerson, edit_person
from odcore.directory.ops.post import EditPost, edit_post
from odcore.errors import Fault, Kind
from odcore.identity.rights import administers
from odweb.apply.offices import places
from odweb.bureau import measured
from odweb.bureau.forms import GIB, QuotaForm
from odweb.leaves import leaf
from odweb.project.request import Asked, signed_in
from odweb.staff.views import rights_of
from odweb.usage import ranked


@signed_in
def quotas(request: Asked) -> HttpResponse:
    """The fullest first, by what was measured within the last hours; those on the page as they are now."""
    may = rights_of(request)
    directory = request.house.directory
    text = "".join(filter(str.isprintable, request.GET.get("q", ""))).strip()[:100]
    office = request.GET.get("office", "")
    mine = [place for place in places(directory.offices(), get_language() or "en") if place.id in may.offices]
    here = next((place for place in mine if place.id == office), None)
    if not request.GET and mine:  # a beginning; whoever searches from here searches everywhere
        here = mine[0]
    if text:
        entries: list[Person | Post] = [*directory.people(text), *directory.posts(text)]
    else:
        entries = directory.members_of([here.id] if here else may.offices)
    wanted = [each for each in entries if each.office in may.offices and (here is None or each.office == here.id)]
    page = leaf(request, measured.fullest(request.house, wanted))
    page.object_list = ranked(request.house.usage.of(each.entry) for each in page)
    shown = {
        "leaf": page,
        "text": text,
        "office": office,
        "here": here,
        "places": mine,
    }
    return render(request, "bureau/quotas.html", shown)


@signed_in
def one(request: Asked, key: str) -> HttpResponse:
    """What one person or post may hold."""
    may = rights_of(request)
    found = _entry(request.house.directory, key)
    may.require(administers(request.house.directory, may, found))
    form = QuotaForm(found.quota, request.POST or None)
    if request.method == "POST" and form.is_valid():
        octets = round((form.cleaned_data["quota"] or 0) * GIB)
        if isinstance(found, Person):
            edit_person(request.admin, found, EditPerson(quota=octets))
        else:
            edit_post(request.admin, found, EditPost(quota=octets))
        messages.success(request, _("Changed."))
        return HttpResponseRedirect(f"{reverse('quotas')}?office={found.office or ''}")
    shown = {"used": request.house.usage.of(found), "form": form}
    return render(request, "bureau/quota.html", shown, status=400 if form.errors else 200)


def _entry(directory: LdapDirectory, key: str) -> Person | Post:
    try:
        return directory.person(key)
    except Fault as fault:
        if fault.kind is not Kind.NOT_FOUND:
            raise
        return directory.post(key)
