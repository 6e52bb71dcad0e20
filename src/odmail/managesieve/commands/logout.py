"""LOGOUT.  RFC 5804 2.3"""

from odmail.managesieve.reader import Reader
from odmail.managesieve.registry import command
from odmail.managesieve.session import Session
from odmail.managesieve.types import ANY, Reply


@command("LOGOUT", states=ANY, rfc="5804 2.3")
async def logout(session: Session, args: Reader) -> Reply | None:
    """Good-bye."""
    args.end()
    session.afterwards = session.hang_up
    return Reply("Good-bye")
