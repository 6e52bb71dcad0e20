"""HAVESPACE.  RFC 5804 2.5"""

from odmail.managesieve.reader import Reader
from odmail.managesieve.registry import command
from odmail.managesieve.session import Session
from odmail.managesieve.types import Reply, State


@command("HAVESPACE", states=State.AUTHENTICATED, rfc="5804 2.5")
async def havespace(session: Session, args: Reader) -> Reply | None:
    """Would PUTSCRIPT take it?"""
    name, size = args.text(), args.number()
    args.end()
    await session.work(session.who[1].check_script_space, name, size)
    return None
