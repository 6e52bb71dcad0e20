"""ID.  RFC 2971"""

from functools import partial

import structlog

from odcore.errors import Fault, Kind
from odcore.identity.api import Client
from odmail.imap import writer
from odmail.imap.faults import refusal
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import ANY, BadSyntax, Reply

log = structlog.get_logger()

MAX_PAIRS = 30  # RFC 2971 3.3


@command("ID", states=ANY, rfc="2971 3.1", capability="ID")
async def identify(session: Session, args: Reader) -> Reply | None:
    """The client says what it is, and so do we. Apps that must not be used are turned away, now or at sign-in."""
    said = _read(args)
    args.end()
    if said:
        session.client = said.get("name", "")
        log.info("client", session=session.id, name=session.client, version=said.get("version", ""))
        if session.principal is not None and (refused := await _found_out(session)):
            return refused
    session.write(b'* ID ("name" %b "vendor" %b)\r\n' % (writer.quoted(b"odmail"), writer.quoted(b"odmail")))
    return None


async def _found_out(session: Session) -> Reply | None:
    """Signed in already: a refused app's session ends with the answer."""
    client = Client(session.client, "imap", session.address)
    try:
        await session.call(session.house.sign_in.found_out, session.who, client)
    except Fault as fault:
        if fault.kind is not Kind.DENIED:
            raise
        session.afterwards = partial(session.end, "Access has ended", b"CONTACTADMIN")
        return refusal(fault, b"CONTACTADMIN")
    return None


def _read(args: Reader) -> dict[str, str]:
    if not args.peek(b"("):
        if args.word() != b"NIL":
            raise args.bad("a list or NIL")
        return {}
    fields = args.list_of(args.nstring)
    if len(fields) % 2 or len(fields) > 2 * MAX_PAIRS:
        raise BadSyntax("ID takes up to 30 pairs")
    texts = [(field or b"")[:200].decode("utf-8", "replace") for field in fields]
    return {name.lower(): value for name, value in zip(texts[::2], texts[1::2], strict=True)}
