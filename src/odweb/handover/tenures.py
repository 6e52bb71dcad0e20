"""Past tenures of a post I hold: which are sealed, and what is in them. Each look is in the audit trail."""

from datetime import UTC, datetime

from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from odcore import clock
from odcore.directory.model import Post
from odcore.errors import Fault, Kind
from odmail.tenure.model import Sealed, ended
from odweb.handover.views import held
from odweb.names import called
from odweb.project.request import Asked, signed_in

_MOST = 100


@require_safe
@signed_in
def overview(request: Asked, key: str) -> HttpResponse:
    """The newest first."""
    post = held(request, key)
    archive = request.house.tenures
    sealed = [archive.of(each.id) for each in ended(post, clock.now()) if archive.is_sealed(each.id)]
    destroyed = archive.retention.destroyed
    found = [
        (each, called(request.house.directory, each.tenure.person), destroyed(each.tenure.id))
        for each in reversed(sealed)
    ]
    shown = {"post": post, "found": found, "open": request.house.tenure_readers == "holders"}
    return render(request, "handover/tenures.html", shown)


@require_safe
@signed_in
def search(request: Asked, key: str, tenure: str) -> HttpResponse:
    """What is in it, or what of it holds the words asked for."""
    post, sealed = _opened(request, key, tenure)
    text = "".join(filter(str.isprintable, request.GET.get("q", ""))).strip()[:100]
    hits = request.house.tenures.search(tenure, text, _MOST)
    request.house.trail.record("tenure-searched", request.who.person.id, post.id, tenure=tenure)
    areas = _areas()
    found = [(hit, datetime.fromtimestamp(hit.received, UTC), areas[hit.area]) for hit in hits]
    holder = called(request.house.directory, sealed.tenure.person)
    shown = {"post": post, "sealed": sealed, "holder": holder, "text": text, "found": found, "most": _MOST}
    return render(request, "handover/tenure.html", shown)


@require_safe
@signed_in
def message(request: Asked, key: str, tenure: str, uid: int) -> HttpResponse:
    """One message, for a mail program to open."""
    post, _sealed = _opened(request, key, tenure)
    folder = request.GET.get("folder", "")
    octets = request.house.tenures.message(tenure, folder, uid)
    facts = {"tenure": tenure, "folder": folder, "uid": str(uid)}
    request.house.trail.record("tenure-read", request.who.person.id, post.id, **facts)
    response = HttpResponse(octets, content_type="message/rfc822")
    response["Content-Disposition"] = f'attachment; filename="message-{uid}.eml"'
    return response


@require_safe
@signed_in
def paper(request: Asked, key: str, tenure: str, uid: int) -> FileResponse:
    """An item of a calendar or address book, or a file; never shown within the pages."""
    post, _sealed = _opened(request, key, tenure)
    entry, file = request.house.tenures.paper(tenure, uid)
    request.house.trail.record("tenure-read", request.who.person.id, post.id, tenure=tenure, paper=str(uid))
    return FileResponse(file, as_attachment=True, filename=entry.file_name, content_type="application/octet-stream")


def _areas() -> dict[str, str]:
    return {
        "mail": _("Mail"),
        "calendar": _("Calendar"),
        "tasks": _("Tasks"),
        "notes": _("Notes"),
        "contacts": _("Contacts"),
        "files": _("Files"),
    }


def _opened(request: Asked, key: str, tenure: str) -> tuple[Post, Sealed]:
    """Only for who holds the post, where the house lets holders read, and of this post."""
    post = held(request, key)
    if request.house.tenure_readers != "holders":
        raise Fault(Kind.DENIED, _("Past tenures are closed here: ask the agency."))
    sealed = request.house.tenures.of(tenure)
    if sealed.tenure.post != post.id:
        raise Fault(Kind.NOT_FOUND, _("You hold no such post."))
    return post, sealed
