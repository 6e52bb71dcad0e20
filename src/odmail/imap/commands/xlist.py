"""XLIST, by which Outlook 2013 and 2016 find special mailboxes. Google's precursor of RFC 6154."""

from odmail.imap import listing
from odmail.imap.listing import Entry
from odmail.imap.pattern import Pattern
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import SIGNED_IN, Reply
from odmail.mailbox.model import INBOX

_CALLED = {b"\\Junk": b"\\Spam", b"\\All": b"\\AllMail", b"\\Flagged": b"\\Starred"}


@command("XLIST", states=SIGNED_IN, rfc="6154", capability="XLIST")
async def xlist(session: Session, args: Reader) -> Reply | None:
    """LIST in the words of its time."""
    reference = args.mailbox()
    args.space()
    pattern = Pattern(reference + args.pattern())
    args.end()
    entries = await session.quick(listing.entries, session, [pattern])
    for entry in entries.values():
        if pattern.matches(entry.name) and (entry.box is not None or entry.children):
            session.write(listing.response(session, b"XLIST", _attributes(entry), entry.name))
    return None


def _attributes(entry: Entry) -> list[bytes]:
    words = [_CALLED.get(word, word) for word in listing.attributes(entry) if word != b"\\NonExistent"]
    return [*words, b"\\Inbox"] if entry.name == INBOX else words
