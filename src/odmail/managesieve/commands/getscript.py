"""GETSCRIPT.  RFC 5804 2.9"""

from odmail.managesieve.reader import Reader
from odmail.managesieve.registry import command
from odmail.managesieve.session import Session
from odmail.managesieve.types import Reply, State


@command("GETSCRIPT", states=State.AUTHENTICATED, rfc="5804 2.9")
async def getscript(session: Session, args: Reader) -> Reply | None:
    """As it was put."""
    name = args.text()
    args.end()
    octets = (await session.work(session.who[1].script, name)).encode()
    session.write(b"{%d}\r\n%b\r\n" % (len(octets), octets))
    return None
