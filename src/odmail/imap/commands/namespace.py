"""NAMESPACE.  RFC 9051 6.3.10"""

from odmail.imap import names
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import SIGNED_IN, Reply


@command("NAMESPACE", states=SIGNED_IN, rfc="9051 6.3.10", capability="NAMESPACE")
async def namespace(session: Session, args: Reader) -> Reply | None:
    """One's own mailboxes, and those of posts held, if any."""
    args.end()
    posts = await session.call(session.house.access.posts, session.who)
    shared = b'(("%b" "/"))' % names.PREFIX.encode("ascii") if posts else b"NIL"
    session.write(b'* NAMESPACE (("" "/")) NIL %b\r\n' % shared)
    return None
