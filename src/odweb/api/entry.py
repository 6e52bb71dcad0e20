"""Who asks: a bearer token with the scope "people" or "queue", for changes "people-write" or "queue-write"; never a
browser's session.  RFC 6750
"""

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError
from ninja.security import HttpBearer

from odcore.errors import Fault, Kind
from odcore.identity.api import BearerToken
from odcore.identity.rights import Rights, rights
from odcore.web.faults import STATUS
from odweb.project.request import Asked

_SAFE = ("GET", "HEAD")


class Token(HttpBearer):
    """The token's owner is who acts: their rights count, and the audit trail names them."""

    def __init__(self, scope: str) -> None:
        """`scope` opens what only looks; it is called "...-write" for what changes something."""
        super().__init__()
        self._scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> bool:
        assert isinstance(request, Asked)
        address = request.META.get("REMOTE_ADDR", "")
        scope = self._scope if request.method in _SAFE else f"{self._scope}-write"
        agent = request.headers.get("User-Agent", "")[:200]
        request.principal = None  # a cookie counts for nothing here
        request.principal = request.house.sign_in.bear(BearerToken(token, "", scope, address, agent))
        return True


def rights_of(request: Asked) -> Rights:
    """Fault DENIED for who administers nothing."""
    may = rights(request.house.directory, request.house.access, request.who)
    may.require(bool(may))
    return may


def answer(api: NinjaAPI) -> None:
    """Faults become JSON: what kind, and a text."""

    @api.exception_handler(Fault)
    def fault(request: HttpRequest, raised: Exception) -> HttpResponse:
        assert isinstance(raised, Fault)
        told = api.create_response(
            request, {"kind": raised.kind.value, "text": raised.text}, status=int(STATUS[raised.kind][:3])
        )
        if raised.kind is Kind.LOGIN:
            told["WWW-Authenticate"] = 'Bearer realm="odmail"'
        return told

    @api.exception_handler(AuthenticationError)
    def nobody(request: HttpRequest, _raised: Exception) -> HttpResponse:
        return fault(request, Fault(Kind.LOGIN, "A bearer token is needed."))
