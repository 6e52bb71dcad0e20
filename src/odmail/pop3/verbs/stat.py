"""STAT.  RFC 1939 5"""

from odmail.pop3.registry import Verb
from odmail.pop3.session import Session
from odmail.pop3.types import Reply, State


async def stat(session: Session, _argument: bytes) -> Reply:
    """How many, and how many octets."""
    drop = session.drop
    return Reply(f"{len(drop) - len(drop.deleted)} {drop.total}")


VERBS = (Verb(b"STAT", "1939 5", stat, State.TRANSACTION),)
