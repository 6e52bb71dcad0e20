"""CAPA.  RFC 2449 5"""

from collections.abc import Iterable

from odmail.pop3.registry import Verb
from odmail.pop3.session import Session
from odmail.pop3.types import ANY, Reply


async def capa(session: Session, _argument: bytes) -> Reply | None:
    """What the server can do for this session now."""
    lines = [line for verb in session.verbs.values() for line in verb.capabilities(session)]
    session.write("".join(f"{line}\r\n" for line in ("+OK", *lines, ".")).encode("ascii"))
    return None


def _capabilities(_session: Session) -> Iterable[str]:
    return ("RESP-CODES", "AUTH-RESP-CODE", "PIPELINING", "EXPIRE NEVER", "IMPLEMENTATION odmail")


VERBS = (Verb(b"CAPA", "2449 5", capa, ANY, _capabilities),)
