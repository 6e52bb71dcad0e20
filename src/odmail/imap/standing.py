"""Whether a session may go on: people are disabled, passwords changed, device passwords revoked, posts handed over.

Changes are told over the bus, and hints may be lost; charges begin and end by the calendar, with no change to tell of.
So sessions in others' mailboxes are looked at every few seconds, all in one piece of blocking work, which the
directory's cache answers.
"""

from collections.abc import Iterable, Sequence, Set

import msgspec
import structlog

from odcore.errors import Fault
from odcore.ids import AccountId
from odcore.session.ports import Call
from odmail.imap.session import Session
from odmail.mailbox.acl import ALL, NONE, granted

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


def is_in(session: Session, owner: AccountId) -> bool:
    """Does it have a mailbox of this account selected?"""
    return session.view is not None and session.view.place.account.id == owner


def rests_on_others(session: Session) -> bool:
    """Is it in a mailbox that is not the person's own: signed in to a post, or with another's selected?"""
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
        ended, moved = await call(_looked_at, signed_in)
    except Exception:
        log.exception("bug")
        return
    for session, rights in moved:
        view = session.view
        if view is not None and view.place.rights != rights:
            view.place = msgspec.structs.replace(view.place, rights=rights)
            view.regranted = view.dirty = True
    for session in ended:
        if not session.closing:
            log.info("access-ended", session=session.id, person=session.who.person.uid)
            session.end("Access has ended", b"AUTHORIZATIONFAILED")


def _looked_at(sessions: Sequence[Session]) -> tuple[list[Session], list[tuple[Session, str]]]:
    """Those that must end, and the rights of those that go on in somebody else's mailbox. Blocks."""
    ended: list[Session] = []
    moved: list[tuple[Session, str]] = []
    for session in sessions:
        try:
            rights = _rights(session)
        except Fault:  # the directory is away: sessions go on, and there will be another look
            continue
        except Exception:  # one session's bug must not hide the others
            log.exception("bug", session=session.id)
            continue
        if "r" not in rights:
            ended.append(session)
        elif session.view is not None and session.view.place.is_shared:
            moved.append((session, rights))
    return ended, moved


def _rights(session: Session) -> str:
    """To the selected mailbox; all to one's own or none selected, and none for who may not be here at all. Blocks."""
    house, who, view = session.house, session.principal, session.view
    if who is None:
        return ALL
    if not house.sign_in.still_valid(who):
        return NONE
    if view is None or not view.place.is_shared:
        return ALL
    account = view.place.account
    owner = house.sharing.owner(who, account.id)
    return granted(owner, account.acls().get(view.mailbox, ())) if owner is not None else NONE
