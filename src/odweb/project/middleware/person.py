"""Who asks: the session's person, looked at anew with each request, so that what was revoked has ended."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from odweb.entry import visits
from odweb.project.request import Asked


def person(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[Asked], HttpResponse]:
    """A middleware: `request.principal` is None for nobody."""

    def answer(request: Asked) -> HttpResponse:
        request.principal = visits.present(request)
        return get_response(request)

    return answer
