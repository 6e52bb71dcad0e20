"""ENABLE.  RFC 9051 6.3.1"""

from odmail.imap.commands.notify import install, metadata_groups
from odmail.imap.notices import Notices
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import Reply, State

KNOWN = {
    b"CONDSTORE": "CONDSTORE",
    b"IMAP4REV2": "IMAP4rev2",
    b"QRESYNC": "QRESYNC",
    b"METADATA": "METADATA",  # RFC 5464 4.1
    b"UTF8=ACCEPT": "UTF8=ACCEPT",  # RFC 6855 3
}
"""What may be enabled, and how it is spelled back."""

CAPABILITIES = ("CONDSTORE", "QRESYNC", "UTF8=ACCEPT")


@command("ENABLE", states=State.AUTHENTICATED, rfc="9051 6.3.1", capability="ENABLE")
async def enable(session: Session, args: Reader) -> Reply | None:
    """Extensions that change what the client is told. Unknown ones are passed over."""
    asked = [args.word()]
    while args.take(b" "):
        asked.append(args.word())
    args.end()
    fresh = [
        KNOWN[word] for word in dict.fromkeys(asked) if word in KNOWN and KNOWN[word].upper() not in session.enabled
    ]
    session.enable(*(name.upper() for name in fresh))
    if "METADATA" in fresh and session.notices is None:
        await install(session, Notices(session, None, metadata_groups(session)))
    session.write(" ".join(("* ENABLED", *fresh)).encode("ascii") + b"\r\n")
    return None
