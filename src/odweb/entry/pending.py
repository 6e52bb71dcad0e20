"""Between the password and the second step: nobody is signed in yet, but the session knows who is about to."""

from odcore import clock
from odcore.errors import Fault, Kind
from odcore.identity.api import Principal
from odweb.entry import visits
from odweb.project.request import Asked

_NAME = "pending"
_LIFE = 600


def begin(request: Asked, principal: Principal, onward: str) -> None:
    """The password was right."""
    request.session.cycle_key()
    person = principal.person
    request.session[_NAME] = [person.id, person.password_set, clock.now().timestamp(), onward]


def who(request: Asked) -> tuple[Principal, str] | None:
    """Who is about to sign in, and where they want to go then; None when it is too late."""
    person, password_set, since, onward = request.session.get(_NAME, ("", "", 0.0, ""))
    if not person or clock.now().timestamp() - since > _LIFE:
        return None
    try:
        principal = visits.as_begun(request.house, person, password_set)
    except Fault as fault:
        if fault.kind is Kind.TRY_LATER:
            raise
        return None
    return (principal, onward) if request.house.sign_in.still_valid(principal) else None


def end(request: Asked) -> None:
    """It is decided."""
    request.session.pop(_NAME, None)
