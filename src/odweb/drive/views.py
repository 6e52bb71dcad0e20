"""What lies in a drive: one's own, or that of a post one holds."""

from datetime import UTC, datetime

import msgspec
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from odcore import clock
from odcore.directory.model import Person, Post
from odcore.errors import Fault, Kind
from oddav.drive.emptying import forgetting
from oddav.drive.store.drive import Drive
from oddav.drive.store.model import Caller, Kept
from odweb.owners import owner_of, owners
from odweb.project.request import Asked, signed_in

_SHOWN = 200
"""The latest of each."""


_PATIENCE = 10.0
"""Seconds of work before the page comes back and says how far it is."""


class _Line(msgspec.Struct, frozen=True):
    """Something kept, in words."""

    kept: Kept
    since: datetime


@require_safe
@signed_in
def overview(request: Asked) -> HttpResponse:
    """Room, trash, former versions."""
    owner, drive = _asked(request, request.GET.get("of", ""))
    kept = drive.kept()
    shown = {
        "of": owner,
        "owners": owners(request),
        "room": drive.room(),
        "trash": _latest([each for each in kept if each.deleted]),
        "versions": _latest([each for each in kept if not each.deleted]),
    }
    return render(request, "drive/overview.html", shown)


@require_POST
@signed_in
def restore(request: Asked) -> HttpResponse:
    """To where it was."""
    owner, drive = _asked(request, request.POST.get("of", ""))
    try:
        path = drive.restore(Caller(request.who.person.id), request.POST.get("id", ""))
    except Fault as fault:
        texts = {
            Kind.NOT_FOUND: _("This is no longer kept."),
            Kind.EXISTS: _("There is another file or folder of this name now: move or rename that first."),
            Kind.CONFLICT: _("The folder it was in is gone: bring that back first."),
            Kind.IN_USE: _("Somebody has this file open: try again later."),
        }
        if fault.kind not in texts:
            raise
        messages.error(request, texts[fault.kind])
        return _back(owner)
    request.house.trail.record("file-restored", request.who.person.id, owner.id, path=path)
    messages.success(request, _("“%(path)s” is back.") % {"path": path})
    return _back(owner)


@require_POST
@signed_in
def forget(request: Asked) -> HttpResponse:
    """One thing that is kept, all that is in the trash, or all former versions."""
    owner, drive = _asked(request, request.POST.get("of", ""))
    if "id" in request.POST:
        _forget_one(request, owner, drive)
    else:
        _forget_all(request, owner, drive, deleted=request.POST.get("what") != "versions")
    return _back(owner)


def _forget_one(request: Asked, owner: Person | Post, drive: Drive) -> None:
    chosen = [each for each in drive.kept() if each.id == request.POST["id"]]
    if not chosen:
        messages.error(request, _("This is no longer kept."))
        return
    drive.forget([chosen[0].id])
    request.house.trail.record("file-forgotten", request.who.person.id, owner.id, path=chosen[0].path)
    messages.success(request, _("“%(path)s” is deleted for good.") % {"path": chosen[0].path})


def _forget_all(request: Asked, owner: Person | Post, drive: Drive, *, deleted: bool) -> None:
    chosen = [each for each in drive.kept() if each.deleted == deleted]
    request.house.trail.record("trash-emptied" if deleted else "versions-forgotten", request.who.person.id, owner.id)
    until = clock.monotonic() + _PATIENCE
    for gone in forgetting(drive, chosen):
        if gone < len(chosen) and clock.monotonic() > until:
            told = _("%(gone)s of %(all)s are gone for good. This takes long: press the button again for the rest.")
            messages.warning(request, told % {"gone": gone, "all": len(chosen)})
            return
    messages.success(request, _("Deleted for good."))


def _asked(request: Asked, key: str) -> tuple[Person | Post, Drive]:
    """Whose it is. Fault NOT_FOUND."""
    owner = owner_of(request, key)
    account = request.house.directory.account(owner.id)
    return owner, request.house.drives.open(account.id, account.quota)


def _latest(kept: list[Kept]) -> list[_Line]:
    newest = sorted(kept, key=lambda each: each.since, reverse=True)
    return [_Line(each, datetime.fromtimestamp(each.since, UTC)) for each in newest[:_SHOWN]]


def _back(owner: Person | Post) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('drive')}?{urlencode({'of': owner.id})}")
