"""What a signed-in person may do, asked of the directory and the register of grants."""

from typing import TYPE_CHECKING

from odcore import clock
from odcore.directory.api import Directory
from odcore.directory.model import AccountKind, Post
from odcore.errors import Fault, Kind
from odcore.identity.api import Principal
from odcore.ids import AccountId
from odcore.sharing.api import MAIL, Power

if TYPE_CHECKING:
    from odcore.sharing.api import Register


class DirectoryAccess:
    """See `odcore.identity.api.Access`."""

    def __init__(self, directory: Directory, register: "Register") -> None:
        self._directory = directory
        self._register = register

    def posts(self, principal: Principal) -> tuple[Post, ...]:
        if principal.account.kind is AccountKind.POST:
            return ()
        return self._directory.posts_held(principal.person.id, clock.now())

    def may_send_as(self, principal: Principal, address: str) -> bool:
        """True where mail to `address` would come to this account, to a post held, or to one who lets them."""
        account = self._only(address)
        if account is None:
            return False
        if account == principal.account.id or account in {post.id for post in self.posts(principal)}:
            return True
        return Power.SEND_AS in self._powers(principal, account)

    def may_send_on_behalf(self, principal: Principal, address: str) -> bool:
        account = self._only(address)
        return account is not None and Power.ON_BEHALF in self._powers(principal, account)

    def _only(self, address: str) -> AccountId | None:
        """The one account that mail to `address` goes to, and to nobody else."""
        try:
            resolved = self._directory.resolve(address)
        except Fault as fault:
            if fault.kind in (Kind.NOT_FOUND, Kind.BAD_REQUEST):
                return None
            raise
        if resolved.group or resolved.outside or len(resolved.local) != 1:
            return None
        return resolved.local[0].account.id

    def _powers(self, principal: Principal, owner: AccountId) -> frozenset[Power]:
        """By delegation; what a holder gave away for a post ends with their charge."""
        if principal.account.kind is AccountKind.POST:
            return frozenset()
        given = [each for each in self._register.delegations_to(MAIL, principal.person.id) if each.owner == owner]
        return frozenset().union(*(each.powers for each in given if self._stands(each.giver, owner)))

    def _stands(self, giver: str, owner: AccountId) -> bool:
        return not giver or giver in self._directory.post(owner).holders(clock.now())
