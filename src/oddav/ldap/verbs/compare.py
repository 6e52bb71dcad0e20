"""COMPARE: has an entry this value?  RFC 4511 4.10"""

from oddav.ldap import reader
from oddav.ldap.registry import Verb
from oddav.ldap.session import Session
from oddav.ldap.types import Code, Result


async def compare(session: Session, message: reader.Message) -> Result:
    """As who asks may see it."""
    name, attribute, value = reader.compare(message.body)
    same = await session.work(session.house.tree.compare, name, attribute, value)
    if same is None:
        return Result(Code.NO_SUCH_ATTRIBUTE, "The entry has no such attribute.")
    return Result(Code.COMPARE_TRUE if same else Code.COMPARE_FALSE)


VERBS = (Verb("compare", "4511 4.10", 0x6E, 0x6F, compare),)
