"""Pages that only those see who administer everything."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpResponse

from odweb.project.request import Asked, signed_in
from odweb.staff.views import rights_of

P = ParamSpec("P")
View = Callable[Concatenate[Asked, P], HttpResponse]


def agency_only(view: View[P]) -> View[P]:
    """Fault DENIED for everybody else, also for nodal officers."""

    @wraps(view)
    def guarded(request: Asked, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        may = rights_of(request)
        may.require(may.agency)
        return view(request, *args, **kwargs)

    return signed_in(guarded)
