"""QUIT.  RFC 5321 4.1.1.10"""

from odmail.smtp.registry import EVERYWHERE, Verb
from odmail.smtp.session import Session
from odmail.smtp.types import Reply


async def leave(session: Session, _argument: bytes) -> Reply:
    """Whatever was under way is given up."""
    await session.reset()
    return Reply(221, "2.0.0", "bye")


VERBS = (Verb("QUIT", "5321", leave, EVERYWHERE),)
