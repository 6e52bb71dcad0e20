"""What the frame around every page shows."""

from typing import Any

from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, Any]:
    """A context processor. Error pages may be drawn before the middleware that knows the person."""
    principal = getattr(request, "principal", None)
    return {
        "person": principal.person if principal else None,
        "site": request.META["odmail.house"].services().domains[0],
    }
