"""The way to all of it; and the domains that are ours."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from odmail.queue.model import Status
from odweb.project.request import Asked, signed_in
from odweb.staff.views import rights_of

_MOST = 1000


@require_safe
@signed_in
def overview(request: Asked) -> HttpResponse:
    """Numbers and links; for nodal officers, what is theirs."""
    may = rights_of(request)
    held = len(request.house.queue.list("", Status.HELD, _MOST)) if may.agency else 0
    waiting = len(request.house.queue.list("", Status.WAITING, _MOST)) if may.agency else 0
    domains = request.house.directory.domains() if may.agency else ()
    shown = {"agency": may.agency, "offices": len(may.offices), "held": held, "waiting": waiting, "domains": domains}
    return render(request, "bureau/overview.html", shown)
