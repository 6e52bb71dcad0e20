"""Extended operations: "Who am I?" is the one there is.  RFC 4511 4.12, RFC 4532"""

from oddav.ldap import reader, writer
from oddav.ldap.registry import Verb
from oddav.ldap.session import Session
from oddav.ldap.types import Code, Result

WHO_AM_I = "1.3.6.1.4.1.4203.1.11.3"


async def extended(session: Session, message: reader.Message) -> Result | None:
    """By the address signed in with; nothing for nobody."""
    if reader.extended(message.body) != WHO_AM_I:
        return Result(Code.PROTOCOL_ERROR, "There is no such operation.")
    principal = session.principal
    who = f"u:{principal.account.address}" if principal else ""
    session.write(writer.extended(message.id, who.encode()))
    return None


VERBS = (Verb("extended", "4511 4.12", 0x77, writer.EXTENDED, extended),)
