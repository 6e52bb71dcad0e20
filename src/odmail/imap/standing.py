"""Whether a session may go on: people are disabled, device passwords revoked, posts handed over."""

from collections.abc import Set

import structlog

from odcore.errors import Fault
from odcore.ids import AccountId
from odmail.imap.later import drive
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


def recheck(session: Session) -> None:
    """Look again, and end the session if it may not go on."""
    if session.principal is not None and not session.closing:
        drive(_recheck(session))


async def _recheck(session: Session) -> None:
    try:
        allowed = await session.call(_allowed, session)
    except Fault:  # the directory is away: sessions go on, and there will be another look
        return
    except Exception:
        log.exception("bug", session=session.id)
        return
    if not allowed:
        log.info("access-ended", session=session.id, person=session.who.person.uid)
        session.end("Access has ended", b"AUTHORIZATIONFAILED")


def _allowed(session: Session) -> bool:
    """Blocks."""
    house, who, view = session.house, session.who, session.view
    if not house.sign_in.still_valid(who):
        return False
    if view is None or view.place.account.id == who.account.id:
        return True
    return any(post.id == view.place.account.id for post in house.access.posts(who))
