"""What I share and what is shared with me: the use cases of `odmail drive share` and `odmail calendar share`."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from odcore.directory.model import Person, Post
from odcore.errors import Fault, Kind
from oddav.drive.store.drive import Drive
from oddav.drive.store.names import path_of
from oddav.shares import Collections, Folders, Shares
from odweb.owners import owner_of, owners
from odweb.project.request import Asked, signed_in
from odweb.refusals import done
from odweb.sharing import lines
from odweb.sharing.forms import CollectionForm, FolderForm, WithForm
from odweb.sharing.things import Thing, things


@require_safe
@signed_in
def overview(request: Asked) -> HttpResponse:
    """Of one owner, and what I am given."""
    return _page(request, owner_of(request, request.GET.get("of", "")))


@require_POST
@signed_in
def folder(request: Asked) -> HttpResponse:
    """One more folder, or another right to it."""
    owner, form = owner_of(request, request.POST.get("of", "")), FolderForm(request.POST)
    if form.is_valid() and not _is_folder(request.house.drives.open(owner.id), form.cleaned_data["what"]):
        form.add_error("what", _("There is no such folder."))
    if form.is_valid() and _share(request, owner, Folders.noun, form):
        return _done(request, owner)
    return _page(request, owner, folder=form)


@require_POST
@signed_in
def collection(request: Asked) -> HttpResponse:
    """One more calendar or address book, or another right to it."""
    owner = owner_of(request, request.POST.get("of", ""))
    form = CollectionForm(_things(request, owner), request.POST)
    if form.is_valid() and _share(request, owner, Collections.noun, form):
        return _done(request, owner)
    return _page(request, owner, collection=form)


@require_POST
@signed_in
def end(request: Asked) -> HttpResponse:
    """They are let in no more, from now on."""
    owner, noun = owner_of(request, request.POST.get("of", "")), request.POST.get("area", "")
    if noun not in lines.areas(request):
        raise Fault(Kind.BAD_REQUEST, _("The request could not be understood."))
    try:
        _shares(request, noun).unshare(owner, request.POST.get("what", ""), request.POST.get("who", ""))
    except Fault as fault:
        if fault.kind is not Kind.NOT_FOUND:
            raise
        messages.error(request, _("This is no longer shared."))
        return _back(owner)
    return _done(request, owner)


def _share(request: Asked, owner: Person | Post, noun: str, form: WithForm) -> bool:
    given, shares = form.cleaned_data, _shares(request, noun)
    everything = given.get("everything", False)
    told = {
        Kind.NOT_FOUND: ("who", _("Nobody has this name.")),
        Kind.BAD_REQUEST: ("who", _("Name somebody else: the owner has all rights already.")),
        Kind.LIMIT: ("who", _("There are very many entries: end one first.")),
        Kind.UNSUPPORTED: ("right", _("Only calendars tell when somebody is busy.")),
    }
    return done(
        form, lambda: shares.share(owner, given["what"], given["who"], given["right"], everything=everything), told
    )


def _shares(request: Asked, noun: str) -> Shares:
    house = request.house
    return Shares(lines.areas(request)[noun][0], house.directory, house.trail.record, request.who.person.id)


def _is_folder(drive: Drive, path: str) -> bool:
    try:
        found = drive.entry(path_of(path))
    except Fault as fault:
        if fault.kind is not Kind.BAD_REQUEST:
            raise
        return False
    return found is not None and bool(found.node.folder)


def _folders(drive: Drive) -> list[str]:
    """At the top, to choose from."""
    root = drive.entry("/")
    return [each.node.name for each in drive.children(root.node) if each.node.folder] if root else []


def _things(request: Asked, owner: Person | Post) -> list[Thing]:
    return things(Collections(request.house.register, request.house.collections).home(owner))


def _page(request: Asked, owner: Person | Post, **forms: WithForm) -> HttpResponse:
    shown: dict[str, object] = {
        "folder": FolderForm(),
        "collection": CollectionForm(_things(request, owner)),
        **forms,
        "of": owner,
        "owners": owners(request),
        "folders": _folders(request.house.drives.open(owner.id)),
        "given": list(lines.given(request, owner)),
        "taken": list(lines.taken(request)),
    }
    return render(request, "sharing/overview.html", shown, status=400 if forms else 200)


def _done(request: Asked, owner: Person | Post) -> HttpResponse:
    messages.success(request, _("Changed."))
    return _back(owner)


def _back(owner: Person | Post) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('sharing')}?{urlencode({'of': owner.id})}")
