"""SUBSCRIBE and UNSUBSCRIBE.  RFC 9051 6.3.7, 6.3.8"""

from odmail.imap import names
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import SIGNED_IN, Reply
from odmail.mailbox.api import Subscribe


@command("SUBSCRIBE", states=SIGNED_IN, rfc="9051 6.3.7")
async def subscribe(session: Session, args: Reader) -> Reply | None:
    """Remember a name, whether it exists or not."""
    await _set(session, args, on=True)
    return None


@command("UNSUBSCRIBE", states=SIGNED_IN, rfc="9051 6.3.8")
async def unsubscribe(session: Session, args: Reader) -> Reply | None:
    """Forget a name."""
    await _set(session, args, on=False)
    return None


async def _set(session: Session, args: Reader, *, on: bool) -> None:
    name = args.mailbox()
    args.end()
    names.check(name)
    place = await session.place(name)
    await session.call(place.account.subscribe, Subscribe(place.name, on))
