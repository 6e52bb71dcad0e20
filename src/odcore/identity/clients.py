"""Apps that must not be used: those that hand the password and the mail to somebody else's cloud.

They are known by what they call themselves (IMAP ID, EHLO) and by the networks they come from. Where that is known
before sign-in, the password is not even looked at. Where a client says what it is only afterwards, the password is in
the cloud already: the session ends, and a device password or token is revoked at once.
"""

import fnmatch
from collections.abc import Callable

import structlog

from odcore.errors import Fault, Kind
from odcore.identity.api import Principal, Visit
from odcore.identity.settings import IdentitySettings
from odcore.net.networks import Networks

log = structlog.get_logger()

Revoke = Callable[[Principal], None]
"""Ends the device password or token that this principal came with."""


class Clients:
    """The policy about apps. Blocks: it writes to the trail, and may change the directory."""

    def __init__(self, settings: IdentitySettings, record: Callable[..., None], revoke: Revoke) -> None:
        self._names = tuple(each.casefold() for each in settings.refused_clients)
        self._networks = Networks(settings.refused_networks)
        self._help = f" See {settings.help_link}" if settings.help_link else ""
        self._record = record
        self._revoke = revoke

    def check(self, visit: Visit) -> None:
        """Fault DENIED for an app that is refused."""
        if visit.service != "web" and (self.refuses(visit.client) or self._is_foreign(visit.address)):
            self._note(visit, "", "", "refused")
            raise self._refusal()

    def found_out(self, principal: Principal, visit: Visit) -> None:
        """A session said what it is after sign-in. Fault DENIED where it has to end."""
        if not self.refuses(visit.client):
            return
        self._note(visit, principal.person.id, principal.account.id, "revoked" if principal.device else "signed-out")
        if principal.device:
            self._revoke(principal)
        raise self._refusal()

    def refuses(self, client: str) -> bool:
        """Is this the name of an app that is refused?"""
        return any(fnmatch.fnmatchcase(client.casefold(), pattern) for pattern in self._names)

    def _is_foreign(self, address: str) -> bool:
        return bool(address) and address in self._networks

    def _note(self, visit: Visit, actor: str, account: str, outcome: str) -> None:
        log.warning("client-refused", service=visit.service, address=visit.address, client=visit.client[:200])
        self._record(
            "client-refused",
            actor,
            account,
            outcome=outcome,
            service=visit.service,
            address=visit.address,
            client=visit.client[:200],
        )

    def _refusal(self) -> Fault:
        text = "This app passes your password and mail to a foreign cloud and is not allowed; use another app."
        return Fault(Kind.DENIED, text + self._help)
