"""CREATE, with USE.  RFC 9051 6.3.4, RFC 6154 3"""

from odcore.errors import Fault, Kind
from odmail.imap import listing, names
from odmail.imap.faults import refusal
from odmail.imap.names import Place
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import SIGNED_IN, Reply
from odmail.mailbox.api import CreateMailbox
from odmail.mailbox.model import SEPARATOR, Mailbox, SpecialUse

_USES = {use.value.upper().encode(): use for use in SpecialUse if use.value.startswith("\\")}
_VIRTUAL = (SpecialUse.ALL, SpecialUse.FLAGGED)  # views of the whole account, which we do not have


@command("CREATE", states=SIGNED_IN, rfc="9051 6.3.4", capability="CREATE-SPECIAL-USE")
async def create(session: Session, args: Reader) -> Reply:
    """Make a mailbox and the levels above it."""
    name = args.mailbox().removesuffix(SEPARATOR)
    uses = _uses(args)
    args.end()
    names.check(name)
    try:
        use = _use(uses)
    except Fault as fault:
        return refusal(fault, b"USEATTR")
    place = await session.place(name)
    try:
        box = await session.call(_make, place, use)
    except Fault as fault:
        return refusal(fault, b"USEATTR" if fault.kind is Kind.CONFLICT else b"")
    session.did(place.title)
    listing.renamed(session, place.prefix + box.name, args.spelled.removesuffix(SEPARATOR))
    return Reply("Mailbox created", b"MAILBOXID (%b)" % box.mailbox_id.encode("ascii"))


def _make(place: Place, use: SpecialUse | None) -> Mailbox:
    """Blocks."""
    place.require_above("k")
    return place.account.create(CreateMailbox(place.name, use))


def _uses(args: Reader) -> list[bytes]:
    """`(USE (\\Drafts))`"""
    if not args.take(b" "):
        return []
    args.expect(b"(")
    if args.word() != b"USE":
        raise args.bad("USE")
    args.space()
    uses = args.list_of(lambda: _attribute(args))
    args.expect(b")")
    return uses


def _attribute(args: Reader) -> bytes:
    args.expect(b"\\")
    return b"\\" + args.word()


def _use(uses: list[bytes]) -> SpecialUse | None:
    if not uses:
        return None
    use = _USES.get(uses[0])
    if len(uses) > 1 or use is None or use in _VIRTUAL:
        raise Fault(Kind.UNSUPPORTED, "A mailbox can have one use, of those that exist")
    return use
