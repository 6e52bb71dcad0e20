"""GETACL, SETACL, DELETEACL, LISTRIGHTS and MYRIGHTS.  RFC 4314

The owner of a mailbox always has all rights there, and so has whoever holds the post that owns it: that is no entry,
and cannot be changed. Who lacks the right to look a mailbox up hears the same as of one that does not exist.
"""

from odcore.errors import Fault, Kind
from odcore.sharing import identifiers
from odcore.sharing.api import OWNER
from odmail.imap import names, writer
from odmail.imap.names import Place
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import SIGNED_IN, BadSyntax, Reply
from odmail.mailbox import acl
from odmail.mailbox.api import DeleteAcl, SetAcl
from odmail.mailbox.sharing import share, unshare

CAPABILITIES = ("ACL", "RIGHTS=kxte")

_ANY = "lrikxa"
"""One of these lets MYRIGHTS be asked.  RFC 4314 4"""


@command("MYRIGHTS", states=SIGNED_IN, rfc="4314 3.5")
async def my_rights(session: Session, args: Reader) -> Reply | None:
    """What one may do in a mailbox."""
    name = args.mailbox()
    args.end()
    place = await session.place(name)
    if not set(_ANY) & set(place.rights):
        raise names.nonexistent()
    await session.call(place.account.mailbox, place.name)
    session.write(rights_response(session, place.title, place.rights))
    return None


@command("GETACL", states=SIGNED_IN, rfc="4314 3.3")
async def get_acl(session: Session, args: Reader) -> Reply | None:
    """Who may do what."""
    name = args.mailbox()
    args.end()
    place = await session.place(name)
    place.require("a")
    pairs = await session.call(_pairs, session, place)
    words = [writer.mailbox(place.title, utf8=session.utf8)]
    words += [word for identifier, rights in pairs for word in (_string(identifier), _string(rights))]
    session.write(b"* ACL %b\r\n" % b" ".join(words))
    return None


@command("SETACL", states=SIGNED_IN, rfc="4314 3.1")
async def set_acl(session: Session, args: Reader) -> Reply | None:
    """Let somebody do more, less, or exactly this."""
    name = args.mailbox()
    args.space()
    identifier = args.text()
    args.space()
    text = args.text()
    args.end()
    mode = {"+": "add", "-": "remove"}.get(text[:1], "set")
    try:
        rights = acl.parse(text.removeprefix("+").removeprefix("-") if mode != "set" else text)
    except Fault as fault:
        raise BadSyntax(fault.text) from fault  # RFC 4314 3.1
    place = await session.place(name)
    place.require("a")
    await session.call(_set, session, place, identifier, rights, mode)
    return None


@command("DELETEACL", states=SIGNED_IN, rfc="4314 3.2")
async def delete_acl(session: Session, args: Reader) -> Reply | None:
    """Take somebody's entry out."""
    name = args.mailbox()
    args.space()
    identifier = args.text()
    args.end()
    place = await session.place(name)
    place.require("a")
    await session.call(_delete, session, place, identifier)
    return None


@command("LISTRIGHTS", states=SIGNED_IN, rfc="4314 3.4")
async def list_rights(session: Session, args: Reader) -> Reply | None:
    """What somebody can be allowed: all rights, each by itself; the owner has them anyway."""
    name = args.mailbox()
    args.space()
    identifier = args.text()
    args.end()
    place = await session.place(name)
    place.require("a")
    subject, negative = await session.call(_subject, session, place, identifier)
    offered = [b'""', *(letter.encode() for letter in acl.shown(acl.ALL))]
    if subject == OWNER and not negative:
        offered = [acl.shown(acl.ALL).encode()]
    spelled = writer.mailbox(place.title, utf8=session.utf8), _string(identifier)
    session.write(b"* LISTRIGHTS %b\r\n" % b" ".join((*spelled, *offered)))
    return None


def rights_response(session: Session, name: str, rights: str) -> bytes:
    """* MYRIGHTS name lrs"""
    return b"* MYRIGHTS %b %b\r\n" % (writer.mailbox(name, utf8=session.utf8), acl.shown(rights).encode())


def _string(text: str) -> bytes:
    return writer.astring(text.encode())


def _subject(session: Session, place: Place, identifier: str) -> tuple[str, bool]:
    """Whom it means, and whether rights are to be taken away. Blocks."""
    place.account.mailbox(place.name)
    negative = identifier.startswith("-")
    try:
        subject = session.house.sharing.subject(identifier.removeprefix("-"))
    except Fault as fault:
        if fault.kind is Kind.BAD_REQUEST:
            raise BadSyntax(fault.text) from fault  # RFC 4314 3
        if fault.kind is Kind.NOT_FOUND:  # not to be taken for the mailbox
            raise Fault(Kind.UNSUPPORTED, "There is nobody of that name") from fault
        raise
    owners = {identifiers.of_account(place.account.id, post=post) for post in (False, True)}
    return (OWNER if subject in owners else subject), negative


def _pairs(session: Session, place: Place) -> list[tuple[str, str]]:
    """Blocks."""
    spell = session.house.sharing.identifier
    pairs = [(OWNER, acl.shown(acl.ALL))]
    for entry in place.account.acl(place.name):
        pairs.append(("-" * entry.negative + spell(entry.subject), acl.shown(entry.rights)))
    return pairs


def _set(session: Session, place: Place, identifier: str, rights: str, mode: str) -> None:
    """Blocks."""
    subject, negative = _changeable(session, place, identifier)
    options = SetAcl(place.name, subject, rights, mode, negative, _giver(session, place))
    now = share(session.house.sharing.register, place.account, options)
    _note(session, place, "mailbox-shared", identifier, rights=now)


def _giver(session: Session, place: Place) -> str:
    """With whose charge the entry ends, in a post's list: who may write it without holding the post does so for one
    who does."""
    owner = place.owner
    if owner is None or owner.holds or owner.givers is None:
        return session.who.person.id
    return min(owner.givers - {""}, default="")


def _delete(session: Session, place: Place, identifier: str) -> None:
    """Blocks."""
    subject, negative = _changeable(session, place, identifier)
    unshare(session.house.sharing.register, place.account, DeleteAcl(place.name, subject, negative))
    _note(session, place, "mailbox-unshared", identifier)


def _changeable(session: Session, place: Place, identifier: str) -> tuple[str, bool]:
    subject, negative = _subject(session, place, identifier)
    if subject == OWNER:
        raise Fault(Kind.DENIED, "The owner has all rights and keeps them")
    return subject, negative


def _note(session: Session, place: Place, event: str, identifier: str, **facts: str) -> None:
    facts |= {"mailbox": place.name, "with": identifier}
    session.house.record(event, session.who.person.id, place.account.id, **facts)
