"""DELETE.  RFC 9051 6.3.5"""

from odmail.imap.names import Place
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import SIGNED_IN, Reply


@command("DELETE", states=SIGNED_IN, rfc="9051 6.3.5")
async def delete(session: Session, args: Reader) -> Reply | None:
    """Remove a mailbox with its messages. If it was the selected one, none is selected afterwards."""
    name = args.mailbox()
    args.end()
    place = await session.place(name)
    mailbox = await session.call(_delete, place)
    session.did(place.title)
    view = session.view
    if view is not None and (view.place.account.id, view.mailbox) == (place.account.id, mailbox):
        session.deselect()
        session.write(b"* OK [CLOSED] The selected mailbox was deleted\r\n")
    return None


def _delete(place: Place) -> int:
    """The id of what is no more. Blocks."""
    place.require("x")
    box = place.account.mailbox(place.name, place.reader)
    place.account.delete(place.name)
    return box.id
