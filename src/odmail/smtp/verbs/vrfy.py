"""VRFY: neither yes nor no.  RFC 5321 3.5.3, 7.3"""

from odmail.smtp.reader import BadSyntax
from odmail.smtp.registry import EVERYWHERE, Verb
from odmail.smtp.session import Session
from odmail.smtp.types import Reply


async def vrfy(_session: Session, argument: bytes) -> Reply:
    """Nobody learns who has a mailbox here."""
    if not argument.strip():
        raise BadSyntax("VRFY needs an argument")
    return Reply(252, "2.5.2", "send some mail, I will try my best")


VERBS = (Verb("VRFY", "5321", vrfy, EVERYWHERE, junk=True),)
