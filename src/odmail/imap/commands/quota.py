"""GETQUOTA, GETQUOTAROOT and SETQUOTA.  RFC 9208

Each account is one quota root that all its mailboxes share. Its name is "" for the account signed in to, and the
prefix of its mailboxes for a post's. Limits are set in the directory, never by a client.
"""

from odcore.errors import Fault, Kind
from odmail.imap import names, writer
from odmail.imap.names import Place
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import SIGNED_IN, Reply
from odmail.mailbox.model import INBOX, SEPARATOR, Quota

CAPABILITIES = ("QUOTA", "QUOTA=RES-STORAGE")


@command("GETQUOTA", states=SIGNED_IN, rfc="9208 4.1.2")
async def get_quota(session: Session, args: Reader) -> Reply | None:
    """What a root's account uses and may use."""
    root = args.mailbox()
    args.end()
    place = await _place_of(session, root)
    session.write(_describe(session, root, await session.call(place.account.quota)))
    return None


@command("GETQUOTAROOT", states=SIGNED_IN, rfc="9208 4.1.3")
async def get_quota_root(session: Session, args: Reader) -> Reply | None:
    """The root of a mailbox, and what GETQUOTA says of it."""
    name = args.mailbox()
    args.end()
    place = await session.place(name)
    quota = await session.call(_quota_at, place)
    spelled = writer.mailbox(place.title, utf8=session.utf8)
    if not _may_know(place):  # a mailbox may have no root.  RFC 9208 4.1.3
        session.write(b"* QUOTAROOT %b\r\n" % spelled)
        return None
    root = place.prefix.rstrip("/")
    described = _describe(session, root, quota)
    session.write(b"* QUOTAROOT %b %b\r\n" % (spelled, writer.mailbox(root, utf8=session.utf8)) + described)
    return None


@command("SETQUOTA", states=SIGNED_IN, rfc="9208 4.1.4")
async def set_quota(session: Session, args: Reader) -> Reply | None:
    """Refused, whoever asks."""
    root = args.mailbox()
    args.space()
    args.list_of(lambda: _read_limit(args))
    args.end()
    await _place_of(session, root)
    raise Fault(Kind.DENIED, "Quotas are set in the directory")


def _read_limit(args: Reader) -> None:
    args.atom()
    args.space()
    args.number64()


async def _place_of(session: Session, root: str) -> Place:
    """The INBOX of the account that a root stands for; NOT_FOUND for any other name."""
    if not root:
        return await session.place(INBOX)
    shared = names.split_shared(root)
    if shared is None or not shared[1] or shared[2]:
        raise Fault(Kind.NOT_FOUND, "No such quota root")
    try:
        place = await session.place(f"{root}{SEPARATOR}{INBOX}")
    except Fault as fault:
        if fault.kind is not Kind.NOT_FOUND:
            raise
        raise Fault(Kind.NOT_FOUND, "No such quota root") from fault
    if not _may_know(place):
        raise Fault(Kind.NOT_FOUND, "No such quota root")
    return place


def _may_know(place: Place) -> bool:
    """How full an account is concerns its owner and the owner's delegates, not everybody who may read a folder."""
    return place.owner is None or place.owner.holds or bool(place.owner.powers)


def _quota_at(place: Place) -> Quota:
    """Blocks. Fault NOT_FOUND when there is no such mailbox."""
    place.mailbox("r")
    return place.account.quota()


def _describe(session: Session, root: str, quota: Quota) -> bytes:
    """* QUOTA root (STORAGE 10 512): in units of 1024 octets, and only what is limited.  RFC 9208 5"""
    limited = b"STORAGE %d %d" % (-(-quota.used // 1024), quota.limit // 1024) if quota.limit else b""
    return b"* QUOTA %b (%b)\r\n" % (writer.mailbox(root, utf8=session.utf8), limited)
