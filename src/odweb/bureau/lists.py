"""Mailing lists, and the groups that give rights: the agency's alone, as who may change them may give rights."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from odcore.directory.ldap import LdapDirectory
from odcore.directory.model import Group
from odcore.directory.ops.group import AddGroup, EditGroup, add_group, edit_group
from odcore.errors import Fault, Kind
from odweb.bureau.agency import agency_only
from odweb.bureau.forms import ListForm, NewListForm
from odweb.leaves import leaf
from odweb.names import called
from odweb.project.request import Asked


@agency_only
def lists(request: Asked) -> HttpResponse:
    """All, or those a search finds; the form makes one."""
    form = NewListForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = add_group(request.admin, AddGroup(cn=given["cn"], name=given["name"], senders="inside"))
        except Fault as fault:
            if fault.kind not in (Kind.EXISTS, Kind.BAD_REQUEST, Kind.DENIED):
                raise
            form.add_error("cn", _("This name cannot be used, or somebody has it."))
        else:
            return HttpResponseRedirect(reverse("list", args=[made.id]))
    text = "".join(filter(str.isprintable, request.GET.get("q", ""))).strip()[:100]
    found = request.house.directory.groups(text)
    shown = {"leaf": leaf(request, found), "text": text, "form": form}
    return render(request, "bureau/lists.html", shown, status=400 if form.errors else 200)


@agency_only
def one(request: Asked, key: str) -> HttpResponse:
    """Who is in it; the form changes it and adds members."""
    directory = request.house.directory
    found = directory.group(key)
    form = ListForm(found, directory.account(found.owner).address if found.owner else "", request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        joining = tuple(given["join"].split())
        kept = {name: given[name] for name in ("name", "senders", "owner", "unlisted")}
        try:
            edit_group(request.admin, found, EditGroup(**kept, join=joining))
        except Fault as fault:
            if fault.kind not in (Kind.NOT_FOUND, Kind.BAD_REQUEST, Kind.CONFLICT):
                raise
            if _may_own(directory, kept["owner"]):
                form.add_error("join", _("One of these is nobody's name or address."))
            else:
                form.add_error("owner", _("This is nobody's name or address."))
        else:
            messages.success(request, _("Changed."))
            return HttpResponseRedirect(reverse("list", args=[found.id]))
    shown = {"found": found, "form": form, "members": _members(request, found)}
    return render(request, "bureau/list.html", shown, status=400 if form.errors else 200)


@require_POST
@agency_only
def leave(request: Asked, key: str) -> HttpResponse:
    """One member goes."""
    found = request.house.directory.group(key)
    edit_group(request.admin, found, EditGroup(leave=(request.POST.get("member", ""),)))
    return HttpResponseRedirect(reverse("list", args=[found.id]))


def _may_own(directory: LdapDirectory, key: str) -> bool:
    """A person, a post, or nobody."""
    for find in (directory.person, directory.post) if key else ():
        try:
            find(key)
        except Fault as fault:
            if fault.kind is not Kind.NOT_FOUND:
                raise
        else:
            return True
    return not key


def _members(request: Asked, group: Group) -> list[tuple[str, str]]:
    """What each is named by, and called."""
    inside = [(each, called(request.house.directory, each)) for each in group.members]
    return [*inside, *((each, each) for each in group.outside)]
