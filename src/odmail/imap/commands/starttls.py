"""STARTTLS.  RFC 9051 6.2.1"""

from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import Reply, State


@command("STARTTLS", states=State.NOT_AUTHENTICATED, rfc="9051 6.2.1", capability="STARTTLS")
async def starttls(session: Session, args: Reader) -> Reply | None:
    """The answer is the last thing in the clear; what the client sent behind it is forgotten."""
    args.end()
    if session.secure:
        return Reply("TLS is already on", b"", b"BAD")
    session.afterwards = session.start_tls
    return Reply("Begin TLS negotiation now")
