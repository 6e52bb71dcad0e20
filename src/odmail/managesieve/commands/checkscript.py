"""CHECKSCRIPT.  RFC 5804 2.12"""

from odmail.managesieve.commands.putscript import warned
from odmail.managesieve.reader import Reader
from odmail.managesieve.registry import command
from odmail.managesieve.session import Session
from odmail.managesieve.types import Reply, State


@command("CHECKSCRIPT", states=State.AUTHENTICATED, rfc="5804 2.12")
async def checkscript(session: Session, args: Reader) -> Reply | None:
    """As PUTSCRIPT, but nothing is kept."""
    text = args.text()
    args.end()
    return warned(await session.work(session.house.check, session.who[1], text))
