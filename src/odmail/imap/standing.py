"""Whether a session may go on: people are disabled, passwords changed, device passwords revoked, posts handed over.

Changes are told over the bus, and hints may be lost; charges begin and end by the calendar, with no change to tell of.
So sessions in a post's mailbox are looked at every few seconds, all in one piece of blocking work, which the
directory's cache answers.
"""

from collections.abc import Iterable, Sequence, Set

import structlog

from odcore.errors import Fault
from odcore.ids import AccountId
from odmail.imap.ports import Call
from odmail.imap.session import Session

log = structlog.get_logger()


def concerns(session: Session, changed: Set[AccountId]) -> bool:
    """Could a change of these directory entries mean this session?"""
    who = session.principal
    if who is None:
        return False
    mine = {who.person.id, who.account.id}
    if session.view is not None:
        mine.add(session.view.place.account.id)
    return not mine.isdisjoint(changed)


def rests_on_post(session: Session) -> bool:
    """Is it in a post's mailbox: signed in to it, or with one selected?"""
    who, view = session.principal, session.view
    if who is None:
        return False
    return who.account.id != who.person.id or (view is not None and view.place.account.id != who.account.id)


async def recheck(sessions: Iterable[Session], call: Call) -> None:
    """Look again, and end those sessions that may not go on. Never fails."""
    signed_in = [session for session in sessions if session.principal is not None and not session.closing]
    if not signed_in:
        return
    try:
        ended = await call(_ended, signed_in)
    except Exception:
        log.exception("bug")
        return
    for session in ended:
        if not session.closing:
            log.info("access-ended", session=session.id, person=session.who.person.uid)
            session.end("Access has ended", b"AUTHORIZATIONFAILED")


def _ended(sessions: Sequence[Session]) -> list[Session]:
    """Blocks."""
    return [session for session in sessions if not _allowed(session)]


def _allowed(session: Session) -> bool:
    """Blocks."""
    house, who, view = session.house, session.principal, session.view
    try:
        if who is None or not house.sign_in.still_valid(who):
            return who is None
        if view is None or view.place.account.id == who.account.id:
            return True
        return any(post.id == view.place.account.id for post in house.access.posts(who))
    except Fault:  # the directory is away: sessions go on, and there will be another look
        return True
    except Exception:  # one session's bug must not hide the others
        log.exception("bug", session=session.id)
        return True
