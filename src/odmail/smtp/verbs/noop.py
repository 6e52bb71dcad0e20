"""NOOP.  RFC 5321 4.1.1.9"""

from odmail.smtp.registry import EVERYWHERE, Verb
from odmail.smtp.session import Session
from odmail.smtp.types import Reply


async def noop(_session: Session, _argument: bytes) -> Reply:
    """Whatever its argument."""
    return Reply(250, "2.0.0", "ok")


VERBS = (Verb("NOOP", "5321", noop, EVERYWHERE, junk=True),)
