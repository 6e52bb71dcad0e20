"""LOGOUT.  RFC 9051 6.1.3"""

from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import ANY, Reply, Touches


@command("LOGOUT", states=ANY, rfc="9051 6.1.3", touches=Touches.QUIET)
async def logout(session: Session, args: Reader) -> Reply | None:
    """BYE comes before the tagged OK."""
    args.end()
    session.write(b"* BYE Good bye\r\n")
    session.afterwards = session.hang_up
    return None
