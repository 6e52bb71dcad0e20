"""SELECT and EXAMINE, with CONDSTORE and QRESYNC.  RFC 9051 6.3.2, 6.3.3, RFC 7162 3.1.8, 3.2.5"""

from odmail.imap import flags, listing, vanished
from odmail.imap.names import Place
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.status import recent
from odmail.imap.trail import note_access
from odmail.imap.types import SIGNED_IN, BadSyntax, Reply, Touches
from odmail.imap.vanished import Known
from odmail.mailbox.model import Mailbox

_CHANGE = frozenset("iewt")
"""With one of these a mailbox is READ-WRITE: \\Seen is everybody's own where more than one can read.  RFC 4314 5.2"""


@command("SELECT", states=SIGNED_IN, rfc="9051 6.3.2", touches=Touches.QUIET)
async def select(session: Session, args: Reader) -> Reply:
    """Open a mailbox for reading and writing."""
    return await _open(session, args, writable=True)


@command("EXAMINE", states=SIGNED_IN, rfc="9051 6.3.3", touches=Touches.QUIET)
async def examine(session: Session, args: Reader) -> Reply:
    """Open a mailbox without the power to change it."""
    return await _open(session, args, writable=False)


async def _open(session: Session, args: Reader, *, writable: bool) -> Reply:
    name = args.mailbox()
    known = _parameters(session, args)
    args.end()
    if session.view is not None:
        session.deselect()  # also when what follows fails.  RFC 9051 6.3.2
        session.write(b"* OK [CLOSED] Previous mailbox closed\r\n")
    place = await session.place(name)
    look = session.call if place.is_shared else session.quick  # of others the trail is told, too
    box, keywords = await look(_look, session, place, writable)
    session.select(place, box, keywords, writable=writable)
    session.write(_describe(session, box, keywords, place, args.spelled, writable=writable))
    if known is not None and known.uidvalidity == box.uidvalidity:
        await vanished.resync(session, known)
    changeable = writable and bool(_CHANGE & set(place.rights))
    return Reply("Mailbox selected", b"READ-WRITE" if changeable else b"READ-ONLY")


def _parameters(session: Session, args: Reader) -> Known | None:
    """`(CONDSTORE QRESYNC (...))`: what the client knows already, if it says so."""
    known: list[Known] = []

    def read() -> None:
        word = args.word()
        if word == b"CONDSTORE":
            session.enable("CONDSTORE")
        elif word == b"QRESYNC" and session.qresync and not known:
            args.space()
            known.append(vanished.read_known(args))
        else:
            raise BadSyntax("unknown SELECT parameter, or QRESYNC was not enabled")

    if args.take(b" "):
        args.list_of(read, empty=False)
    return known[0] if known else None


def _look(session: Session, place: Place, writable: bool) -> tuple[Mailbox, tuple[str, ...]]:
    """Blocks. One row, however many messages: nothing here depends on the mailbox's size."""
    box = place.mailbox("r")
    note_access(session, place)
    if writable and recent(box) and (place.owner is None or place.owner.holds):
        place.account.take_recent(box.id)
    return box, place.account.keywords()


def _describe(
    session: Session, box: Mailbox, keywords: tuple[str, ...], place: Place, spelled: str, *, writable: bool
) -> bytes:
    permanent = flags.lasting(keywords, place.rights, writable=writable)
    lines = [
        b"* %d EXISTS" % box.exists,
        permanent.removesuffix(b"\r\n"),
        b"* OK [UIDVALIDITY %d] UIDs are valid" % box.uidvalidity,
        b"* OK [UIDNEXT %d] Next UID" % box.uidnext,
        b"* OK [HIGHESTMODSEQ %d] Highest modseq" % box.highestmodseq,
        b"* OK [MAILBOXID (%b)] Mailbox id" % box.mailbox_id.encode("ascii"),
    ]
    if session.rev2:
        lines.append(listing.response(session, b"LIST", (), place.prefix + box.name, old=spelled).rstrip())
    else:
        lines.insert(1, b"* %d RECENT" % recent(box))
    return b"\r\n".join(lines) + b"\r\n"
