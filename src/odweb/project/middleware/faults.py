"""A `Fault` that a view did not turn into words of its own becomes a page that says it."""

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from odcore.errors import Fault, Kind
from odcore.web.faults import STATUS
from odweb.project.errors import page

log = structlog.get_logger()


class Faults:
    """A middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Faults only: everything else is a bug, and the gateway's."""
        if not isinstance(error, Fault):
            return None
        if error.kind is Kind.TRY_LATER:
            log.warning("page-not-made", path=request.path, reason=error.text)
        return page(request, int(STATUS[error.kind][:3]), error.text)
