"""Signing in by a client certificate: its e-mail address names the person.  RFC 4422 A, RFC 5280 4.2.1.6"""

from odcore import clock
from odcore.directory.model import Person
from odcore.errors import Fault, Kind
from odcore.identity import login
from odcore.identity.api import Certificate, Principal
from odcore.identity.threshold import Ground, Threshold
from odcore.ids import AccountId


class ByCertificate:
    """See `odcore.identity.api.SignIn`."""

    def __init__(self, threshold: Threshold) -> None:
        self._threshold = threshold

    def sign_in(self, offered: Certificate) -> Principal:
        """See `odcore.identity.api.SignIn`."""
        person = self._person(offered)
        attempt = self._threshold.begin(offered, person.id if person else "", ",".join(offered.addresses)[:320])
        account = self._account(person, offered.authzid) if person else None
        ground = Ground(person.id, account) if person and account else None
        principal = self._threshold.admit(attempt, ground, "wrong" if person else "unknown", certified=True)
        return self._threshold.welcome(offered, principal)

    def _person(self, offered: Certificate) -> Person | None:
        """The one person whom its addresses name."""
        found: dict[str, Person] = {}
        for address in offered.addresses:
            try:
                person = self._threshold.directory.person(address)
            except Fault as fault:
                if fault.kind is not Kind.NOT_FOUND:
                    raise
            else:
                found[person.id] = person
        return next(iter(found.values())) if len(found) == 1 else None

    def _account(self, person: Person, authzid: str) -> AccountId | None:
        """Their own, or that of a post they hold; None for any other."""
        owner = self._threshold.owner(login.normal(authzid) or "?") if authzid else person
        if owner is None or isinstance(owner, Person):
            return person.id if owner and owner.id == person.id else None
        return owner.id if person.id in owner.holders(clock.now()) else None
