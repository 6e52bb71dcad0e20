"""What the frame around every page shows."""

from typing import Any

from django.http import HttpRequest

from odcore.errors import Fault
from odcore.identity.api import Principal
from odcore.identity.rights import rights
from odweb.house import House


def page(request: HttpRequest) -> dict[str, Any]:
    """A context processor. Error pages may be drawn before the middleware that knows the person."""
    principal = getattr(request, "principal", None)
    house: House = request.META["odmail.house"]
    return {
        "administers": principal is not None and _administers(house, principal),
        "person": principal.person if principal else None,
        "site": house.services().domains[0],
    }


def _administers(house: House, principal: Principal) -> bool:
    """A page that says the directory is away must not fail because of it."""
    try:
        return bool(rights(house.directory, house.access, principal))
    except Fault:
        return False
