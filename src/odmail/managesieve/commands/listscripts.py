"""LISTSCRIPTS.  RFC 5804 2.7"""

from odmail.managesieve.reader import Reader
from odmail.managesieve.registry import command
from odmail.managesieve.session import Session
from odmail.managesieve.types import Reply, State
from odmail.managesieve.writer import string


@command("LISTSCRIPTS", states=State.AUTHENTICATED, rfc="5804 2.7")
async def listscripts(session: Session, args: Reader) -> Reply | None:
    """By name, the active one marked."""
    args.end()
    found = await session.work(session.who[1].scripts)
    session.write(b"".join(string(each.name) + (b" ACTIVE\r\n" if each.active else b"\r\n") for each in found))
    return None
