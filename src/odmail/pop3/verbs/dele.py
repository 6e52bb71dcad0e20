"""DELE.  RFC 1939 5"""

from odmail.pop3.registry import Verb
from odmail.pop3.session import Session
from odmail.pop3.types import Reply, State


async def dele(session: Session, argument: bytes) -> Reply:
    """Mark: it goes at QUIT, and only then."""
    number = session.message(argument)
    session.drop.deleted.add(number)
    return Reply(f"message {number} deleted")


VERBS = (Verb(b"DELE", "1939 5", dele, State.TRANSACTION),)
