"""UIDL.  RFC 1939 7"""

from collections.abc import Iterable

from odmail.pop3.listing import tell
from odmail.pop3.registry import Verb
from odmail.pop3.session import Session
from odmail.pop3.types import Reply, State


async def uidl(session: Session, argument: bytes) -> Reply | None:
    """A name that no other message of this mailbox ever has, of one message or of all."""
    return await tell(session, argument, session.drop.unique)


def _capabilities(_session: Session) -> Iterable[str]:
    return ("UIDL",)


VERBS = (Verb(b"UIDL", "1939 7", uidl, State.TRANSACTION, _capabilities),)
