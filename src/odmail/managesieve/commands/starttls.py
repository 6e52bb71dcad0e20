"""STARTTLS.  RFC 5804 2.2"""

from odmail.managesieve.reader import Reader
from odmail.managesieve.registry import command
from odmail.managesieve.session import Session
from odmail.managesieve.types import Reply, State


@command("STARTTLS", states=State.NOT_AUTHENTICATED, rfc="5804 2.2")
async def starttls(session: Session, args: Reader) -> Reply | None:
    """The answer is the last thing in the clear; what the client sent behind it is forgotten."""
    args.end()
    if session.secure:
        return Reply("TLS is on already", b"", b"NO")
    session.afterwards = session.start_tls
    return Reply("Begin TLS negotiation now")
