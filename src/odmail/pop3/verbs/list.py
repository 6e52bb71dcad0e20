"""LIST.  RFC 1939 5"""

from odmail.pop3.listing import tell
from odmail.pop3.registry import Verb
from odmail.pop3.session import Session
from odmail.pop3.types import Reply, State


async def list_(session: Session, argument: bytes) -> Reply | None:
    """The octets of one message, or of all."""
    return await tell(session, argument, lambda number: str(session.drop.size(number)))


VERBS = (Verb(b"LIST", "1939 5", list_, State.TRANSACTION),)
