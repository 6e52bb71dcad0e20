"""A request as our views see it."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode

from odcore.directory.admin import Admin
from odcore.identity.api import Principal
from odweb.house import House

P = ParamSpec("P")


class Asked(WSGIRequest):
    """Django's, and who asks what."""

    principal: Principal | None = None  # set by `middleware.person`

    @property
    def house(self) -> House:
        """The suite behind the pages."""
        house: House = self.META["odmail.house"]
        return house

    @property
    def who(self) -> Principal:
        """Who signed in; only behind `signed_in`."""
        if self.principal is None:
            raise RuntimeError("nobody is signed in")
        return self.principal

    @property
    def admin(self) -> Admin:
        """The directory's use cases, in this person's name."""
        return self.house.admin(self.who.person.id)


View = Callable[Concatenate[Asked, P], HttpResponseBase]


def signed_in(view: View[P]) -> View[P]:
    """For views that need a person: others are sent to sign in, and come back afterwards."""

    @wraps(view)
    def guarded(request: Asked, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.principal is None:
            back = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
            return HttpResponseRedirect(f"{reverse('sign-in')}{'?' if back else ''}{back}")
        return view(request, *args, **kwargs)

    return guarded
