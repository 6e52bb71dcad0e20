"""Signing in: a bind to the one entry that the login names, and the same answer to everything that is wrong.

Logins: a person's uid, local part in the default domain, or any address; a post's name or address together with a
device password that a present holder made for it. P24: unknown, disabled and wrong all cost one verification and
say the same. P15: a directory that is away is TRY_LATER.
"""

import unicodedata
from collections.abc import Callable
from typing import Protocol

from odcore import clock
from odcore.directory.address import fold
from odcore.directory.ldap import LdapDirectory
from odcore.directory.model import AccountKind, Person, Post
from odcore.directory.resolve import is_active
from odcore.errors import Fault, Kind
from odcore.identity import devices
from odcore.identity.api import Credentials, Principal
from odcore.identity.passwords import LONGEST, prepare
from odcore.identity.remember import Known, Remembered
from odcore.identity.settings import IdentitySettings
from odcore.identity.throttle import Throttle
from odcore.ids import AccountId

Record = Callable[..., None]
"""`odcore.audit.trail.Trail.record`"""

_LONGEST_LOGIN = 320


class Verifier(Protocol):
    """`odcore.directory.connection.Link`, as far as it is needed here."""

    nobody: str  # the DN that is verified in place of an unknown one

    def verify(self, dn: str, password: bytes) -> bool:
        """Does a bind with these succeed?"""


class _Found:
    """Whom a login names, and what the verification said."""

    __slots__ = ("device", "person", "right")

    def __init__(self, person: Person | None, device: str, right: bool) -> None:
        self.person = person
        self.device = device
        self.right = right


class LdapSignIn:
    """See `odcore.identity.api.SignIn`."""

    def __init__(
        self, directory: LdapDirectory, link: Verifier, throttle: Throttle, record: Record, settings: IdentitySettings
    ) -> None:
        self._directory = directory
        self._link = link
        self._throttle = throttle
        self._record = record
        self._settings = settings
        self._remembered = Remembered(settings.remember)
        directory.on_change(self._remembered.drop)

    def sign_in(self, credentials: Credentials) -> Principal:
        password = prepare(credentials.password)
        login = fold(credentials.login.strip(" \t"))
        if not _has_form(login, password) or fold(credentials.authzid.strip()) not in ("", login):
            self._note(credentials, "", "malformed")
            raise _refusal()
        digest = self._remembered.key(login, credentials.service, password)
        principal = self._recall(digest) or self._check(credentials, login, password, digest)
        self._note(credentials, principal.account.id, "ok", actor=principal.person.id, device=principal.device)
        return principal

    def still_valid(self, principal: Principal) -> bool:
        try:
            self._principal(_rests_on(principal))
        except Fault as fault:
            return fault.kind is Kind.TRY_LATER  # P15: sessions that are open go on
        return True

    def _recall(self, digest: bytes) -> Principal | None:
        """The principal of an equal sign-in minutes ago, if all is still as it was."""
        known = self._remembered.get(digest)
        return self._granted(known) if known else None

    def _check(self, credentials: Credentials, login: str, password: bytes, digest: bytes) -> Principal:
        generation = self._remembered.generation
        owner = self._owner(login)
        account = owner.id if owner else AccountId("")
        counted = account or self._qualified(login)
        try:
            self._throttle.check(counted, credentials.address)
        except Fault:
            self._note(credentials, account, "throttled")
            raise
        found = self._verified(owner, credentials, password)
        known = (found.person.id, account, found.device, found.person.password_set) if found.person else None
        principal = self._granted(known) if known and found.right else None
        if principal is None:
            self._throttle.failed(counted, credentials.address)
            self._note(credentials, account, "disabled" if found.right else "wrong" if owner else "unknown")
            raise _refusal()
        self._throttle.succeeded(counted, credentials.address)
        self._remembered.keep(digest, _rests_on(principal), generation)
        return principal

    def _owner(self, login: str) -> Person | Post | None:
        """Whose mailbox the login names."""
        finders: tuple[Callable[[str], Person | Post], ...] = (self._directory.person, self._directory.post)
        for find in finders:
            try:
                return find(login)
            except Fault as fault:
                if fault.kind is not Kind.NOT_FOUND:
                    raise
        return None

    def _verified(self, owner: Person | Post | None, credentials: Credentials, password: bytes) -> _Found:
        """One verification whatever the case; a device password where there is one of that name."""
        letters = devices.letters(credentials.password)
        for person in self._who(owner) if letters else ():
            device = self._device(person, owner, letters or "", credentials.service)
            if device:
                right = self._link.verify(devices.entry_name(person, device), (letters or "").encode())
                return _Found(person, device, right)
        if isinstance(owner, Person) and self._settings.directory_password:
            return _Found(owner, "", self._link.verify(owner.dn, password))
        self._link.verify(self._link.nobody, password)
        return _Found(None, "", False)

    def _who(self, owner: Person | Post | None) -> list[Person]:
        """Whose device passwords may open the account."""
        if owner is None or isinstance(owner, Person):
            return [owner] if owner else []
        return [self._directory.person(holder) for holder in owner.holders(clock.now())]

    def _device(self, person: Person, owner: Person | Post | None, letters: str, service: str) -> str:
        try:
            device = self._directory.device_password(person, devices.name_of(letters))
        except Fault as fault:
            if fault.kind is not Kind.NOT_FOUND:
                raise
            return ""
        return device.id if owner and devices.opens(device, owner.id, service, clock.now()) else ""

    def _granted(self, known: Known) -> Principal | None:
        try:
            return self._principal(known)
        except Fault as fault:
            if fault.kind is Kind.TRY_LATER:
                raise
            return None

    def _principal(self, known: Known) -> Principal:
        """As of now. Fault NOT_FOUND or DENIED when this person must not be in this account any more."""
        person_id, account_id, device, password = known
        person = self._directory.person(person_id)
        account = self._directory.account(account_id)
        if not is_active(person):
            raise Fault(Kind.DENIED, "This person is disabled.")
        if account.kind is AccountKind.POST and person.id not in self._directory.post(account_id).holders(clock.now()):
            raise Fault(Kind.DENIED, "This person does not hold the post.")
        if device:
            made = self._directory.device_password(person, device)
            if made.account != account.id or (made.expires is not None and made.expires <= clock.now()):
                raise Fault(Kind.DENIED, "This device password is for something else.")
        elif person.password_set != password:
            raise Fault(Kind.DENIED, "The password was changed.")
        return Principal(person, account, device)

    def _qualified(self, login: str) -> str:
        """An unknown login counts under its full address, as a known one does under its id."""
        return login if "@" in login else f"{login}@{self._directory.default_domain()}"

    def _note(
        self, credentials: Credentials, account: AccountId | str, outcome: str, actor: str = "", device: str = ""
    ) -> None:
        """What was typed stays out: people type passwords into the field for the name."""
        facts = {"outcome": outcome, "service": credentials.service, "address": credentials.address}
        self._record("sign-in", actor, account, **facts, **({"device": device} if device else {}))


def _rests_on(principal: Principal) -> Known:
    """What was right when this sign-in was checked."""
    return principal.person.id, principal.account.id, principal.device, principal.person.password_set


def _has_form(login: str, password: bytes) -> bool:
    """Could this be anybody's? Refused before the directory hears of it, equally for all."""
    if not 0 < len(password) <= LONGEST or b"\0" in password or not 0 < len(login) <= _LONGEST_LOGIN:
        return False
    return not any(unicodedata.category(letter)[0] in "CZ" for letter in login)


def _refusal() -> Fault:
    return Fault(Kind.LOGIN, "The name or the password is wrong.")
