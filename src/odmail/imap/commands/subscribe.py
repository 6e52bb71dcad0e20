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
    await session.call(_subscribe, session, name, on)
    session.did(name)


def _subscribe(session: Session, name: str, on: bool) -> None:
    """Names of a post held are remembered with the post, all others with oneself, whatever they lead to. Blocks."""
    account, local = session.home, name
    shared = names.split_shared(name)
    if shared is not None:
        owner = names.owner_called(session.house.sharing, session.who, *shared[:2])
        if owner is not None and owner.holds and shared[2]:
            account, local = session.house.open(owner.account), shared[2]
    account.subscribe(Subscribe(local, on))
