"""Signing in: by password, proof, token or certificate, and the same answer to everything that is wrong.

Logins: a person's uid, local part in the default domain, or any address; a post's name or address together with a
device password that a present holder made for it. P24: unknown, disabled and wrong all cost one verification and
say the same. P15: a directory that is away is TRY_LATER.
"""

from odcore import clock
from odcore.directory.ldap import LdapDirectory
from odcore.directory.model import Person, Post
from odcore.errors import Fault, Kind
from odcore.identity import devices, login
from odcore.identity.api import (
    BearerToken,
    Certificate,
    Credentials,
    Principal,
    ScramCandidate,
    ScramChallenge,
    ScramLogin,
    Visit,
)
from odcore.identity.certificate import ByCertificate
from odcore.identity.clients import Clients, Revoke
from odcore.identity.passwords import LONGEST, prepare
from odcore.identity.proof import ByProof
from odcore.identity.remember import Remembered
from odcore.identity.settings import IdentitySettings
from odcore.identity.threshold import Ground, Prover, Record, Threshold, Used, ground_of, refusal, same_login
from odcore.identity.throttle import Throttle
from odcore.identity.token import ByToken


class LdapSignIn:
    """See `odcore.identity.api.SignIn`."""

    def __init__(
        self,
        directory: LdapDirectory,
        link: Prover,
        throttle: Throttle,
        record: Record,
        settings: IdentitySettings,
        revoke: Revoke = lambda _: None,
        used: Used = lambda _principal, _visit: None,
    ) -> None:
        """`revoke` ends what an app that is refused came with; `used` hears of every sign-in."""
        self._threshold = Threshold(directory, throttle, record, used)
        self._clients = Clients(settings, record, revoke)
        self._by_password = ByPassword(self._threshold, link, settings)
        self._by_proof = ByProof(self._threshold, link)
        self._by_token = ByToken(self._threshold)
        self._by_certificate = ByCertificate(self._threshold)
        self._settings = settings

    @property
    def scram(self) -> bool:
        return not self._settings.directory_password

    def sign_in(self, credentials: Credentials) -> Principal:
        self._clients.check(credentials)
        return self._by_password.sign_in(credentials)

    def challenge(self, login: ScramLogin) -> ScramChallenge:
        self._clients.check(login)
        return self._by_proof.challenge(login)

    def prove(self, login: ScramLogin, proved: ScramCandidate | None) -> Principal:
        return self._by_proof.prove(login, proved)

    def bear(self, token: BearerToken) -> Principal:
        self._clients.check(token)
        return self._by_token.sign_in(token)

    def certify(self, certificate: Certificate) -> Principal:
        self._clients.check(certificate)
        return self._by_certificate.sign_in(certificate)

    def found_out(self, principal: Principal, visit: Visit) -> None:
        self._clients.found_out(principal, visit)

    def still_valid(self, principal: Principal) -> bool:
        try:
            self._threshold.principal(ground_of(principal))
        except Fault as fault:
            return fault.kind is Kind.TRY_LATER  # P15: sessions that are open go on
        return True


class ByPassword:
    """A bind to the one entry that the login names: the person, or the device password of that name."""

    def __init__(self, threshold: Threshold, link: Prover, settings: IdentitySettings) -> None:
        self._threshold = threshold
        self._link = link
        self._settings = settings
        self._remembered = Remembered(settings.remember)
        threshold.directory.on_change(self._remembered.drop)

    def sign_in(self, credentials: Credentials) -> Principal:
        """See `odcore.identity.api.SignIn`."""
        password = prepare(credentials.password)
        name = login.normal(credentials.login)
        well_formed = 0 < len(password) <= LONGEST and b"\0" not in password
        if not name or not well_formed or not same_login(credentials.authzid, name):
            self._threshold.note(credentials, "", "malformed")
            raise refusal()
        digest = self._remembered.key(name, credentials.service, password)
        principal = self._recall(digest) or self._check(credentials, name, password, digest)
        return self._threshold.welcome(credentials, principal)

    def _recall(self, digest: bytes) -> Principal | None:
        """The principal of an equal sign-in minutes ago, if all is still as it was."""
        known = self._remembered.get(digest)
        return self._threshold.granted(known) if known else None

    def _check(self, credentials: Credentials, name: str, password: bytes, digest: bytes) -> Principal:
        generation = self._remembered.generation
        owner = self._threshold.owner(name)
        attempt = self._threshold.begin(credentials, owner.id if owner else "", self._threshold.qualified(name))
        ground = self._verified(owner, credentials, password)
        principal = self._threshold.admit(attempt, ground, "wrong" if owner else "unknown")
        self._remembered.keep(digest, ground_of(principal), generation)
        return principal

    def _verified(self, owner: Person | Post | None, credentials: Credentials, password: bytes) -> Ground | None:
        """One verification whatever the case; a device password where there is one of that name."""
        letters = devices.letters(credentials.password) or ""
        for person in self._threshold.who(owner) if letters else ():
            device = self._device(person, owner, letters, credentials.service)
            if device and owner:
                right = self._link.verify(devices.entry_name(person, device), letters.encode())
                return Ground(person.id, owner.id, device) if right else None
        if isinstance(owner, Person) and (self._settings.directory_password or credentials.service == "web"):
            right = self._link.verify(owner.dn, password)
            return Ground(owner.id, owner.id, password=owner.password_set) if right else None
        self._link.verify(self._link.nobody, password)
        return None

    def _device(self, person: Person, owner: Person | Post | None, letters: str, service: str) -> str:
        try:
            device = self._threshold.directory.device_password(person, devices.name_of(letters))
        except Fault as fault:
            if fault.kind is not Kind.NOT_FOUND:
                raise
            return ""
        return device.id if owner and devices.opens(device, owner.id, service, clock.now()) else ""
