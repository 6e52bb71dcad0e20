"""QUIT: the UPDATE state.  RFC 1939 6"""

import structlog

from odcore.errors import Fault
from odmail.pop3.registry import Verb
from odmail.pop3.session import Session
from odmail.pop3.types import ANY, Reply

log = structlog.get_logger()


async def quit_(session: Session, _argument: bytes) -> Reply:
    """What was marked as deleted goes now; the connection ends, whether that worked or not."""
    session.afterwards = session.hang_up
    if session.maildrop is None:
        return Reply("good-bye")
    try:
        await session.call(session.maildrop.update)
    except Fault as fault:
        log.warning("maildrop-not-updated", session=session.id, kind=fault.kind.value)
        return Reply("some deleted messages not removed", ok=False, code="SYS/TEMP")
    return Reply("good-bye")


VERBS = (Verb(b"QUIT", "1939 6", quit_, ANY),)
