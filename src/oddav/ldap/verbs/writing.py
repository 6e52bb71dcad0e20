"""What would change something, which nobody does here.  RFC 4511 4.6 to 4.9"""

from oddav.ldap.reader import Message
from oddav.ldap.registry import Verb
from oddav.ldap.session import Session
from oddav.ldap.types import Code, Result


async def refuse(_session: Session, _message: Message) -> Result:
    """Whoever asks."""
    return Result(Code.UNWILLING_TO_PERFORM, "The directory is only read here.")


VERBS = (
    Verb("modify", "4511 4.6", 0x66, 0x67, refuse),
    Verb("add", "4511 4.7", 0x68, 0x69, refuse),
    Verb("delete", "4511 4.8", 0x4A, 0x6B, refuse),
    Verb("rename", "4511 4.9", 0x6C, 0x6D, refuse),
)
