"""LOGIN.  RFC 9051 6.2.3"""

from odmail.imap.entrance import enter
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import Reply, State


@command("LOGIN", states=State.NOT_AUTHENTICATED, rfc="9051 6.2.3")
async def login(session: Session, args: Reader) -> Reply | None:
    """User name and password."""
    name = args.astring()
    args.space()
    password = args.astring()
    args.end()
    return await enter(session, name, password)
