"""What a signed-in person may do, asked of the directory."""

from odcore import clock
from odcore.directory.api import Directory
from odcore.directory.model import AccountKind, Post
from odcore.errors import Fault, Kind
from odcore.identity.api import Principal


class DirectoryAccess:
    """See `odcore.identity.api.Access`."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def posts(self, principal: Principal) -> tuple[Post, ...]:
        if principal.account.kind is AccountKind.POST:
            return ()
        return self._directory.posts_held(principal.person.id, clock.now())

    def may_send_as(self, principal: Principal, address: str) -> bool:
        """True where mail to `address` would come to this account, or to a post held, and to nobody else."""
        try:
            resolved = self._directory.resolve(address)
        except Fault as fault:
            if fault.kind in (Kind.NOT_FOUND, Kind.BAD_REQUEST):
                return False
            raise
        if resolved.group or resolved.outside or len(resolved.local) != 1:
            return False
        account = resolved.local[0].account.id
        return account == principal.account.id or account in {post.id for post in self.posts(principal)}
