"""What might lock a person out, or let another in, wants the password of the last minutes, not a session left open."""

from functools import wraps
from typing import ParamSpec

from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode

from odcore import clock
from odcore.errors import Fault, Kind
from odcore.identity.api import Credentials
from odweb.project.request import Asked, View, signed_in

P = ParamSpec("P")

_SINCE = "password-seen"
_LIFE = 900


def note(request: Asked) -> None:
    """The password, or as much, was given just now."""
    request.session[_SINCE] = clock.now().timestamp()


def confirm(request: Asked, password: str) -> bool:
    """Is it this person's?"""
    offered = Credentials(request.who.person.addresses[0], password, "web", request.META.get("REMOTE_ADDR", ""))
    try:
        request.house.sign_in.sign_in(offered)
    except Fault as fault:
        if fault.kind not in (Kind.LOGIN, Kind.LIMIT):
            raise
        return False
    note(request)
    return True


def fresh(view: View[P]) -> View[P]:
    """For views that need a person who has just shown who they are; others are asked, and come back to `second`."""

    @wraps(view)
    def guarded(request: Asked, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if clock.now().timestamp() - request.session.get(_SINCE, 0.0) > _LIFE:
            onward = request.get_full_path() if request.method == "GET" else reverse("second")
            return HttpResponseRedirect(f"{reverse('confirm')}?{urlencode({'next': onward})}")
        return view(request, *args, **kwargs)

    return signed_in(guarded)
