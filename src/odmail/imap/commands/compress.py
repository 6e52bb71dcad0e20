"""COMPRESS.  RFC 4978"""

from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import SIGNED_IN, BadSyntax, Reply


@command("COMPRESS", states=SIGNED_IN, rfc="4978 3", capability="COMPRESS=DEFLATE")
async def compress(session: Session, args: Reader) -> Reply | None:
    """The answer is the last thing that is not compressed."""
    if args.word() != b"DEFLATE":
        raise BadSyntax("unknown compression")
    args.end()
    if session.compressed:
        return Reply("Already compressed", b"COMPRESSIONACTIVE", b"NO")
    session.afterwards = session.compress
    return Reply("Compressed from here on")
