"""UNAUTHENTICATE.  RFC 5804 2.14"""

from odmail.managesieve.reader import Reader
from odmail.managesieve.registry import command
from odmail.managesieve.session import Session
from odmail.managesieve.types import Reply, State


@command("UNAUTHENTICATE", states=State.AUTHENTICATED, rfc="5804 2.14.1")
async def unauthenticate(session: Session, args: Reader) -> Reply | None:
    """The client is nobody again, inside the same TLS."""
    args.end()
    session.sign_out()
    return None
