"""Pages that only those see who administer everything."""

from functools import wraps
from typing import ParamSpec

from django.http.response import HttpResponseBase

from odweb.project.request import Asked, View, signed_in
from odweb.staff.views import rights_of

P = ParamSpec("P")


def agency_only(view: View[P]) -> View[P]:
    """Fault DENIED for everybody else, also for nodal officers."""

    @wraps(view)
    def guarded(request: Asked, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        may = rights_of(request)
        may.require(may.agency)
        return view(request, *args, **kwargs)

    return signed_in(guarded)
