"""STATUS items: how they are read and answered, for STATUS and LIST ... RETURN (STATUS).  RFC 9051 6.3.11

All of them are counters in the mailbox's row, but for DELETED-STORAGE.
"""

from collections.abc import Callable, Sequence

from odmail.imap import seqset, writer
from odmail.imap.reader import Reader
from odmail.imap.session import Session
from odmail.imap.types import BadSyntax
from odmail.mailbox.api import Fetch, MailAccount, Search
from odmail.mailbox.model import Flag, Mailbox, Need
from odmail.mailbox.search import HasFlags

_RECLAIMABLE = b"DELETED-STORAGE"


def recent(box: Mailbox) -> int:
    """How many messages are \\Recent: those arrived since the last SELECT, but never more than there are."""
    return max(0, min(box.exists, box.uidnext - box.recent_from))


ITEMS: dict[bytes, Callable[[Mailbox], bytes]] = {
    b"MESSAGES": lambda box: b"%d" % box.exists,
    b"RECENT": lambda box: b"%d" % recent(box),  # RFC 3501 6.3.10
    b"UIDNEXT": lambda box: b"%d" % box.uidnext,
    b"UIDVALIDITY": lambda box: b"%d" % box.uidvalidity,
    b"UNSEEN": lambda box: b"%d" % box.unseen,
    b"DELETED": lambda box: b"%d" % box.deleted,
    b"SIZE": lambda box: b"%d" % box.size,  # RFC 8438
    b"HIGHESTMODSEQ": lambda box: b"%d" % box.highestmodseq,  # RFC 7162 3.1.7
    b"MAILBOXID": lambda box: b"(%b)" % box.mailbox_id.encode("ascii"),  # RFC 8474 4.3
}


def read_items(args: Reader) -> list[bytes]:
    """The parenthesized items, each once."""
    items = list(dict.fromkeys(args.list_of(args.word, empty=False)))
    for item in items:
        if item not in ITEMS and item not in (b"APPENDLIMIT", _RECLAIMABLE):
            raise BadSyntax("unknown STATUS item")
    return items


def asked(session: Session, items: Sequence[bytes]) -> None:
    """What asking for these means.  RFC 7162 3.1"""
    if b"HIGHESTMODSEQ" in items:
        session.enable("CONDSTORE")


def reclaimable(account: MailAccount | None, box: Mailbox, items: Sequence[bytes]) -> int:
    """Octets that EXPUNGE would free, when they are asked for. Blocks.  RFC 9208 4.1.4"""
    if account is None or not box.deleted or _RECLAIMABLE not in items:
        return 0
    found = account.search(Search(box.id, HasFlags(Flag.DELETED)))
    return sum(account.fetch(Fetch(box.id, list(seqset.runs(found.uids)), Need.SIZE)).size)


def response(session: Session, name: str, box: Mailbox, items: Sequence[bytes], reclaimable: int = 0) -> bytes:
    """* STATUS name (...)"""
    more = {b"APPENDLIMIT": session.house.settings.max_message, _RECLAIMABLE: reclaimable}  # RFC 7889 2
    values = [b"%b %b" % (item, ITEMS[item](box) if item in ITEMS else b"%d" % more[item]) for item in items]
    return b"* STATUS %b %b\r\n" % (writer.mailbox(name, utf8=session.utf8), writer.parenthesized(values))
