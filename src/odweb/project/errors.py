"""Pages for what went wrong. They say what to do next, and work without a session."""

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from odcore.web.mount import REQUEST_ID

log = structlog.get_logger()


def page(request: HttpRequest, status: int, text: str) -> HttpResponse:
    """A page that says `text`."""
    return render(request, "odweb/problem.html", {"status": status, "text": text}, status=status)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django names it
    """A form that is not ours, or too old."""
    return page(request, 403, _("This form is no longer valid. Open the page again and send it once more."))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """400."""
    return page(request, 400, _("The request could not be understood."))


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """403."""
    return page(request, 403, _("You may not see this page."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """404."""
    return page(request, 404, _("There is no such page."))


def broken(request: HttpRequest) -> HttpResponse:
    """500: a bug. The log has the stack, the page the reference to it."""
    reference = request.META[REQUEST_ID]
    log.exception("bug", request=reference, path=request.path)
    text = _("Something went wrong here. If it happens again, tell the help desk this reference: %(reference)s")
    return page(request, 500, text % {"reference": reference})
