"""STLS.  RFC 2595 4"""

from collections.abc import Iterable

from odmail.pop3.registry import Verb
from odmail.pop3.session import Session
from odmail.pop3.types import Reply, State


async def stls(session: Session, _argument: bytes) -> Reply:
    """The answer is the last thing in the clear; what the client sent behind it is forgotten."""
    if session.secure:
        return Reply("TLS is already on", ok=False)
    session.afterwards = session.start_tls
    return Reply("begin TLS")


def _capabilities(session: Session) -> Iterable[str]:
    return () if session.secure else ("STLS",)


VERBS = (Verb(b"STLS", "2595 4", stls, State.AUTHORIZATION, _capabilities),)
