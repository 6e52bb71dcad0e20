"""STATUS.  RFC 9051 6.3.11"""

from odmail.imap import status as items
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import SIGNED_IN, Reply


@command("STATUS", states=SIGNED_IN, rfc="9051 6.3.11", capability="STATUS=SIZE APPENDLIMIT")
async def status(session: Session, args: Reader) -> Reply | None:
    """Counters of a mailbox that need not be selected."""
    name = args.mailbox()
    args.space()
    wanted = items.read_items(args)
    args.end()
    items.asked(session, wanted)
    place = await session.place(name)
    box = await session.quick(place.mailbox, "r")
    reclaimable = await session.quick(items.reclaimable, place.account, box, wanted) if box.deleted else 0
    session.write(items.response(session, place.title, box, wanted, reclaimable))
    return None
