"""The way to all of it; and the domains that are ours."""

from typing import Any

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
    shown: dict[str, Any] = {"agency": may.agency, "offices": len(may.offices)}
    if may.agency:
        steering = request.house.steering(request.who.person.id, may)
        shown["held"] = len(steering.list("", Status.HELD, _MOST))
        shown["waiting"] = len(steering.list("", Status.WAITING, _MOST))
        shown["domains"] = request.house.directory.domains()
    return render(request, "bureau/overview.html", shown)
