"""What every way of signing in shares: whose account it is, throttling, standing, the trail, and one word for no."""

from collections.abc import Callable
from typing import Protocol

import msgspec

from odcore import clock
from odcore.directory.address import fold, normalize
from odcore.directory.ldap import LdapDirectory
from odcore.directory.model import AccountKind, Person, Post
from odcore.directory.resolve import is_active
from odcore.errors import Fault, Kind
from odcore.identity.api import Principal, Visit
from odcore.identity.throttle import Throttle
from odcore.ids import AccountId

Record = Callable[..., None]
"""`odcore.audit.trail.Trail.record`"""


Used = Callable[[Principal, Visit], None]
"""`odcore.identity.uses.Uses.note`"""


class Prover(Protocol):
    """`odcore.directory.connection.Link`, as far as signing in needs it."""

    nobody: str  # the DN that is verified in place of an unknown one

    def verify(self, dn: str, password: bytes) -> bool:
        """Does a bind with these succeed?"""

    def derive(self, purpose: bytes) -> bytes:
        """A key that all nodes share and nobody else has."""


class Ground(msgspec.Struct, frozen=True):
    """What a sign-in rests on; when one of these is gone, the session ends."""

    person: AccountId
    account: AccountId
    device: str = ""  # a device password or token
    password: str | None = None  # which directory password it was, None: none


class Attempt(msgspec.Struct, frozen=True):
    """One try, from its first look at the throttle to its line in the trail."""

    visit: Visit
    account: str  # "" when the login is nobody's
    counted: str  # what failures are counted under


class Threshold:
    """Shared by the ways of signing in."""

    def __init__(self, directory: LdapDirectory, throttle: Throttle, record: Record, used: Used) -> None:
        self.directory = directory
        self._used = used
        self._throttle = throttle
        self._record = record

    def owner(self, login: str) -> Person | Post | None:
        """Whose mailbox the login names."""
        finders: tuple[Callable[[str], Person | Post], ...] = (self.directory.person, self.directory.post)
        for find in finders:
            try:
                return find(login)
            except Fault as fault:
                if fault.kind is not Kind.NOT_FOUND:
                    raise
        return None

    def who(self, owner: Person | Post | None) -> list[Person]:
        """Whose device passwords may open the account."""
        if owner is None or isinstance(owner, Person):
            return [owner] if owner else []
        return [self.directory.person(holder) for holder in owner.holders(clock.now())]

    def begin(self, visit: Visit, account: str, counted: str) -> Attempt:
        """Fault LIMIT while this account or network has to wait."""
        attempt = Attempt(visit, account, account or counted)
        try:
            self._throttle.check(attempt.counted, visit.address)
        except Fault:
            self.note(visit, account, "throttled")
            raise
        return attempt

    def admit(self, attempt: Attempt, ground: Ground | None, outcome: str, *, certified: bool = False) -> Principal:
        """Let in who stands on this ground. Fault LOGIN for `outcome` where there is none, or if it does not hold."""
        principal = self.granted(ground, certified=certified) if ground else None
        visit = attempt.visit
        if principal is None:
            self._throttle.failed(attempt.counted, visit.address)
            self.note(visit, attempt.account, "disabled" if ground else outcome)
            raise refusal()
        self._throttle.succeeded(attempt.counted, visit.address)
        return principal

    def welcome(self, visit: Visit, principal: Principal) -> Principal:
        """Write down that somebody came in."""
        self.note(visit, principal.account.id, "ok", actor=principal.person.id, device=principal.device)
        self._used(principal, visit)
        return principal

    def granted(self, ground: Ground, *, certified: bool = False) -> Principal | None:
        """The principal, if all is still as it should be."""
        try:
            return self.principal(ground, certified=certified)
        except Fault as fault:
            if fault.kind is Kind.TRY_LATER:
                raise
            return None

    def principal(self, ground: Ground, *, certified: bool = False) -> Principal:
        """As of now. Fault NOT_FOUND or DENIED when this person must not be in this account any more."""
        person = self.directory.person(ground.person)
        account = self.directory.account(ground.account)
        if not is_active(person):
            raise Fault(Kind.DENIED, "This person is disabled.")
        if account.kind is AccountKind.POST and person.id not in self.directory.post(account.id).holders(clock.now()):
            raise Fault(Kind.DENIED, "This person does not hold the post.")
        if ground.device:
            made = self.directory.device_password(person, ground.device)
            if made.account != account.id or (made.expires is not None and made.expires <= clock.now()):
                raise Fault(Kind.DENIED, "This device password is for something else.")
        elif ground.password is not None and person.password_set != ground.password:
            raise Fault(Kind.DENIED, "The password was changed.")
        return Principal(person, account, ground.device, certified)

    def qualified(self, login: str) -> str:
        """However it is written, an unknown login counts under one address, as a known one does under its id."""
        try:
            return normalize(login if "@" in login else f"{login}@{self.directory.default_domain()}")
        except Fault:
            return login

    def note(self, visit: Visit, account: str, outcome: str, actor: str = "", device: str = "") -> None:
        """What was typed stays out: people type passwords into the field for the name."""
        facts = {"outcome": outcome, "service": visit.service, "address": visit.address}
        self._record("sign-in", actor, account, **facts, **({"device": device} if device else {}))


def ground_of(principal: Principal) -> Ground:
    """What was right when this sign-in was checked."""
    by_password = not principal.device and not principal.certified
    return Ground(
        principal.person.id,
        principal.account.id,
        principal.device,
        principal.person.password_set if by_password else None,
    )


def same_login(authzid: str, login: str) -> bool:
    """Nobody acts as somebody else by an authorization identity: it is absent or the login."""
    return fold(authzid.strip()) in ("", login)


def refusal() -> Fault:
    """The same for whatever was wrong.  P24"""
    return Fault(Kind.LOGIN, "The name or the password is wrong.")
