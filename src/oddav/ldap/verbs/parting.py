"""UNBIND and ABANDON, which nobody answers.  RFC 4511 4.3, 4.11"""

from oddav.ldap.reader import Message
from oddav.ldap.registry import Verb
from oddav.ldap.session import Session


async def unbind(session: Session, _message: Message) -> None:
    """The client goes."""
    session.hang_up()


async def abandon(_session: Session, _message: Message) -> None:
    """Whatever it means is over: operations are done one after the other."""


VERBS = (
    Verb("unbind", "4511 4.3", 0x42, None, unbind),
    Verb("abandon", "4511 4.11", 0x50, None, abandon),
)
