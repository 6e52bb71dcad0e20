"""COPY and UID COPY.  RFC 9051 6.4.7, RFC 4315 3"""

from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.transferring import copyuid, transfer
from odmail.imap.types import Reply, State, Touches


@command(
    "COPY",
    states=State.SELECTED,
    rfc="9051 6.4.7",
    capability="UIDPLUS",
    uid=True,
    touches=Touches.USES_NUMBERS,
    long=True,
)
async def copy(session: Session, args: Reader) -> Reply | None:
    """Put messages into another mailbox, too: all of them or none. Uids that are gone are no error."""
    copied = await transfer(session, args, move=False)
    return copied if isinstance(copied, Reply) else Reply("Copied", copyuid(copied))
