"""NOOP.  RFC 5804 2.13"""

from odmail.managesieve.reader import Reader
from odmail.managesieve.registry import command
from odmail.managesieve.session import Session
from odmail.managesieve.types import ANY, Reply
from odmail.managesieve.writer import string


@command("NOOP", states=ANY, rfc="5804 2.13")
async def noop(_session: Session, args: Reader) -> Reply | None:
    """What the client gives comes back."""
    tag = args.octets() if args.more else None
    args.end()
    return Reply("Done") if tag is None else Reply("Done", b"TAG " + string(tag))
