"""LSUB.  RFC 3501 6.3.9"""

from odmail.imap import listing
from odmail.imap.pattern import Pattern
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import SIGNED_IN, Reply


@command("LSUB", states=SIGNED_IN, rfc="3501 6.3.9")
async def lsub(session: Session, args: Reader) -> Reply | None:
    """Subscribed names; a level above one that '%' hides is shown as \\Noselect."""
    reference = args.mailbox()
    args.space()
    pattern = Pattern(reference + args.pattern())
    args.end()
    entries = await session.quick(listing.entries, session, [pattern])
    for entry in entries.values():
        if not pattern.matches(entry.name):
            continue
        if entry.subscribed:
            words = [b"\\Noselect"] if not entry.selectable else []
            session.write(listing.response(session, b"LSUB", words, entry.name))
        elif entry.subscribed_below and pattern.text.endswith("%"):
            session.write(listing.response(session, b"LSUB", [b"\\Noselect"], entry.name))
    return None
