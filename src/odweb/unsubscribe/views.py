"""One press, by a person or by their mail program.  RFC 8058 3.2

GET changes nothing: programs that look at every link in a mail come along, too.
"""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from odcore.directory.ops import unsubscribe as leaving
from odcore.errors import Fault, Kind
from odmail.delivery.unsubscribing import Membership
from odweb.project.request import Asked

_ACTOR = "unsubscribe"


@csrf_exempt  # a mail program has no cookie and no form: what it may do stands in the link alone
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: Asked) -> HttpResponse:
    """Who is off the list already is told the same as who leaves now."""
    try:
        found = request.house.unsubscribing.read(request.GET.get("t", ""))
    except Fault as fault:
        if fault.kind is not Kind.NOT_FOUND:
            raise
        return _page(request, "unknown", status=404)
    if request.method != "POST":
        return _page(request, "asks", found)
    if request.POST.get("List-Unsubscribe") != "One-Click":
        return _page(request, "asks", found, status=400)
    admin = request.house.admin(_ACTOR)
    leaving.unsubscribe(admin, found.list, found.member, request.META.get("REMOTE_ADDR", ""))
    return _page(request, "left", found)


def _page(request: Asked, state: str, found: Membership | None = None, status: int = 200) -> HttpResponse:
    return render(request, "unsubscribe/page.html", {"state": state, "found": found}, status=status)
