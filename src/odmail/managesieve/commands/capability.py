"""CAPABILITY.  RFC 5804 2.4"""

from odmail.managesieve.reader import Reader
from odmail.managesieve.registry import command
from odmail.managesieve.session import Session
from odmail.managesieve.types import ANY, Reply


@command("CAPABILITY", states=ANY, rfc="5804 2.4")
async def capability(session: Session, args: Reader) -> Reply | None:
    """As in the greeting."""
    args.end()
    session.write(session.capabilities())
    return None
