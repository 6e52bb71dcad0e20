"""How far scripts may send mail: within the house, and to other servers of the same government.  RFC 5228 4.2"""

from collections.abc import Iterable

from odcore.directory.api import Directory
from odcore.directory.model import Outside
from odcore.errors import Fault, Kind
from odmail.delivery import listing
from odmail.delivery.resolve import Many, domain_of, resolve
from odmail.delivery.srs import is_rewritten


class Reach:
    """The policy of redirects and notices."""

    def __init__(self, directory: Directory, beyond: Iterable[str] = ()) -> None:
        """`beyond` are domains that are not ours and allowed all the same."""
        self.directory = directory
        self._beyond = frozenset(each.lower() for each in beyond)

    def objection(self, address: str) -> str:
        """Why no script may send mail there, "" when it may."""
        if domain_of(address) in self._beyond:
            return ""
        if not self.directory.is_ours(domain_of(address)) or is_rewritten(address):
            return f"{address} is outside: mail may not be sent there by a script"
        return self._of_ours(address)

    def _of_ours(self, address: str) -> str:
        """What a script sends on may be anybody's: it must not pass where its sender could not, nor leave after all."""
        try:
            found = resolve(self.directory, address)
        except Fault as fault:
            if fault.kind is Kind.TRY_LATER:
                raise
            return ""  # nobody there: its sender will hear of that
        if isinstance(found, Many) and found.is_list and found.senders != listing.ANYBODY:
            return f"{address} is a list that takes mail from people only, not from scripts"
        outside = found.outside if isinstance(found, Many) else (found,) if isinstance(found, Outside) else ()
        if any(domain_of(each.address) not in self._beyond for each in outside):
            return f"{address} leads outside: mail may not be sent there by a script"
        return ""
