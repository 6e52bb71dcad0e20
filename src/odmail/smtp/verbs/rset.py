"""RSET: the transaction is given up.  RFC 5321 4.1.1.5"""

from odmail.smtp.registry import TO_READY, Verb
from odmail.smtp.session import Session
from odmail.smtp.types import Reply, State


async def rset(session: Session, _argument: bytes) -> Reply:
    """Does not stand in for EHLO."""
    await session.reset()
    return Reply(250, "2.0.0", "ok")


VERBS = (Verb("RSET", "5321", rset, {**TO_READY, State.START: State.START}, junk=True),)
