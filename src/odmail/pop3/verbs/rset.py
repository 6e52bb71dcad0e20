"""RSET.  RFC 1939 5"""

from odmail.pop3.registry import Verb
from odmail.pop3.session import Session
from odmail.pop3.types import Reply, State


async def rset(session: Session, _argument: bytes) -> Reply:
    """Nothing is marked as deleted any more."""
    session.drop.deleted.clear()
    return Reply(f"{len(session.drop)} messages")


VERBS = (Verb(b"RSET", "1939 5", rset, State.TRANSACTION),)
