"""What of a session's doings goes into the audit trail: the opening of other people's mailboxes."""

from odmail.imap.names import Place
from odmail.imap.session import Session


def note_access(session: Session, place: Place) -> None:
    """Somebody else's mailbox is opened or written to: said once in a session. Blocks."""
    key = place.account.id, place.name
    if place.is_shared and key not in session.looked_into:
        session.looked_into.add(key)
        facts = {"mailbox": place.name, "session": session.id, "service": "imap", "address": session.address}
        session.house.record("mailbox-opened", session.who.person.id, place.account.id, **facts)
