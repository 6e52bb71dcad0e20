"""NAMESPACE.  RFC 9051 6.3.10"""

from odmail.imap import names
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import SIGNED_IN, Reply


@command("NAMESPACE", states=SIGNED_IN, rfc="9051 6.3.10", capability="NAMESPACE")
async def namespace(session: Session, args: Reader) -> Reply | None:
    """One's own mailboxes, those of people who share something, and those of posts, if any."""
    args.end()
    people, posts = await session.call(_others, session)
    words = _space(names.OTHERS, there=people), _space(names.POSTS, there=posts)
    session.write(b'* NAMESPACE (("" "/")) %b %b\r\n' % words)
    return None


def _others(session: Session) -> tuple[bool, bool]:
    """Are there any? Blocks."""
    sharing = session.house.sharing
    return bool(sharing.people(session.who)), bool(sharing.posts(session.who))


def _space(prefix: str, *, there: bool) -> bytes:
    return b'(("%b" "/"))' % prefix.encode("ascii") if there else b"NIL"
