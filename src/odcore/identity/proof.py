"""Signing in by SCRAM: the directory's side.  RFC 5802, RFC 7677

The login comes first and names an account that may have many device passwords; they share a salt, and the proof tells
which one it was. A login that is nobody's gets a salt that is always the same for it and looks like any other (A37).
"""

from collections.abc import Iterator

from odcore import clock
from odcore.directory import entries
from odcore.directory.model import Person, Post
from odcore.identity import devices, login, scram
from odcore.identity.api import Principal, ScramCandidate, ScramChallenge, ScramLogin
from odcore.identity.threshold import Attempt, Ground, Prover, Threshold, refusal, same_login


class ByProof:
    """See `odcore.identity.api.SignIn`."""

    def __init__(self, threshold: Threshold, link: Prover) -> None:
        self._threshold = threshold
        self._link = link

    def challenge(self, offered: ScramLogin) -> ScramChallenge:
        """See `odcore.identity.api.SignIn`."""
        owner, _ = self._begin(offered)
        candidates = list(self._candidates(owner, offered.service))
        salt = scram.account_salt(owner.id) if owner else self._false_salt(offered)
        fitting = [each for each in candidates if each.verifier.salt == salt]
        return ScramChallenge(salt, scram.ITERATIONS, tuple(fitting))

    def prove(self, offered: ScramLogin, proved: ScramCandidate | None) -> Principal:
        """See `odcore.identity.api.SignIn`."""
        owner, attempt = self._begin(offered)
        ground = Ground(proved.person.id, owner.id, proved.device) if owner and proved else None
        principal = self._threshold.admit(attempt, ground, "wrong" if owner else "unknown")
        return self._threshold.welcome(offered, principal)

    def _begin(self, offered: ScramLogin) -> tuple[Person | Post | None, Attempt]:
        name = login.normal(offered.login)
        if not name or not same_login(offered.authzid, name):
            self._threshold.note(offered, "", "malformed")
            raise refusal()
        owner = self._threshold.owner(name)
        return owner, self._threshold.begin(offered, owner.id if owner else "", self._threshold.qualified(name))

    def _candidates(self, owner: Person | Post | None, service: str) -> Iterator[ScramCandidate]:
        """What opens the account; for nobody's login one search all the same, for its time."""
        lookup = self._threshold.directory.lookup
        if owner is None:
            lookup.verifiers(self._link.nobody)
            return
        for person in self._threshold.who(owner):
            for record in lookup.verifiers(person.dn):
                device = entries.device(record)
                if not devices.opens(device, owner.id, service, clock.now()):
                    continue
                for text in record.texts("odmailScram"):
                    if (found := scram.from_text(text)) and found.iterations == scram.ITERATIONS:
                        yield ScramCandidate(person, device.id, found)

    def _false_salt(self, offered: ScramLogin) -> bytes:
        name = self._threshold.qualified(login.normal(offered.login))
        return scram.mac(self._link.derive(b"odmail SCRAM salt"), name.encode())[:16]
