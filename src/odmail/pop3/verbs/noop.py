"""NOOP.  RFC 1939 5"""

from odmail.pop3.registry import Verb
from odmail.pop3.session import Session
from odmail.pop3.types import Reply, State


async def noop(_session: Session, _argument: bytes) -> Reply:
    """Still there."""
    return Reply("")


VERBS = (Verb(b"NOOP", "1939 5", noop, State.TRANSACTION),)
