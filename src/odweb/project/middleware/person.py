"""Who asks: the session's person, looked at anew with each request, so that what was revoked has ended."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from odweb.entry import visits
from odweb.factors import second
from odweb.project.request import Asked


def person(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[Asked], HttpResponse]:
    """A middleware: `request.principal` is None for nobody. Who must have a second step first gets no other page."""

    def answer(request: Asked) -> HttpResponse:
        request.principal = visits.present(request)
        if request.principal is not None and not request.path.startswith(_open()) and second.owed(request):
            return HttpResponseRedirect(reverse("second"))
        return get_response(request)

    return answer


def _open() -> tuple[str, ...]:
    return tuple(map(reverse, ("second", "confirm", "sign-out", "language", "unsubscribe")))
