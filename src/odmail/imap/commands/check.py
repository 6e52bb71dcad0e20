"""CHECK, which everything we do makes needless.  RFC 3501 6.4.1"""

from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import Reply, State, Touches


@command("CHECK", states=State.SELECTED, rfc="3501 6.4.1", touches=Touches.LOOKS)
async def check(_session: Session, args: Reader) -> Reply | None:
    """Every change is durable before its OK; what remains is NOOP."""
    args.end()
    return None
