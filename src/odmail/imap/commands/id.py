"""ID.  RFC 2971"""

import structlog

from odmail.imap import writer
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import ANY, BadSyntax, Reply

log = structlog.get_logger()

MAX_PAIRS = 30  # RFC 2971 3.3


@command("ID", states=ANY, rfc="2971 3.1", capability="ID")
async def identify(session: Session, args: Reader) -> Reply | None:
    """The client says what it is, and so do we. Nothing else depends on it."""
    said = _read(args)
    args.end()
    if said:
        log.info("client", session=session.id, name=said.get("name", ""), version=said.get("version", ""))
    session.write(b'* ID ("name" %b "vendor" %b)\r\n' % (writer.quoted(b"odmail"), writer.quoted(b"odmail")))
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
