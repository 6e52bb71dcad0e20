"""What doubles of `SignIn` share: one verifier, one token and one certificate for each login they know.

The verifier is that of RFC 7677 3 ("pencil"), so that dialogs can hold the exchange printed there.
"""

import base64

from odcore.errors import Fault, Kind
from odcore.identity.api import BearerToken, Certificate, Principal, ScramCandidate, ScramChallenge, ScramLogin, Visit
from odcore.identity.scram import verifier
from odcore.sasl.api import Channel

SALT = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
TOKEN = "abcdefghijkm.secret"
PLAIN_TLS = Channel()
BOUND_TLS = Channel({"tls-exporter": b"exporter octets", "tls-server-end-point": b"end point octets"})
CERTIFIED_TLS = Channel(addresses=("sasmita@odisha.example", "sasmita.nayak@odisha.example"))


class Mechanisms:
    """Beside `sign_in`; `known` says whom a login names."""

    scram = False  # are all passwords device passwords?

    def known(self, login: str) -> Principal | None:
        raise NotImplementedError

    def challenge(self, login: ScramLogin) -> ScramChallenge:
        principal = self.known(login.login)
        candidates = [ScramCandidate(principal.person, "phone", verifier(b"pencil", SALT))] if principal else []
        return ScramChallenge(SALT, 4096, tuple(candidates))

    def prove(self, login: ScramLogin, proved: ScramCandidate | None) -> Principal:
        return self._admitted(self.known(login.login) if proved else None)

    def bear(self, token: BearerToken) -> Principal:
        return self._admitted(self.known(token.login or "sasmita") if token.token == TOKEN else None)

    def certify(self, certificate: Certificate) -> Principal:
        return self._admitted(None if certificate.authzid else self.known(certificate.addresses[0]))

    def refuse(self, client: str) -> None:
        if client.replace("-", " ").startswith("Microsoft Office"):
            raise Fault(Kind.DENIED, "This app is not allowed. See https://mail.odisha.example/apps")

    def found_out(self, principal: Principal, visit: Visit) -> None:
        self.refuse(visit.client)

    def _admitted(self, principal: Principal | None) -> Principal:
        if principal is None:
            raise Fault(Kind.LOGIN, "Wrong user name or password")
        return principal
