"""What each kind of failure is called on the wire: the one table of IMAP response codes.  RFC 9051 7.1, RFC 5530"""

from odcore.errors import Fault, Kind
from odmail.imap.types import Reply

CODES: dict[Kind, bytes] = {
    Kind.NOT_FOUND: b"NONEXISTENT",
    Kind.EXISTS: b"ALREADYEXISTS",
    Kind.DENIED: b"NOPERM",
    Kind.LOGIN: b"AUTHENTICATIONFAILED",
    Kind.OVER_QUOTA: b"OVERQUOTA",
    Kind.NO_SPACE: b"LIMIT",
    Kind.TOO_BIG: b"TOOBIG",
    Kind.LIMIT: b"LIMIT",
    Kind.BAD_REQUEST: b"CANNOT",
    Kind.UNSUPPORTED: b"CANNOT",
    Kind.CONFLICT: b"INUSE",
    Kind.EXPUNGED: b"EXPUNGEISSUED",
    Kind.IN_USE: b"INUSE",
    Kind.HELD: b"NOPERM",
    Kind.TRY_LATER: b"UNAVAILABLE",
    Kind.INTERNAL: b"SERVERBUG",
}


def refusal(fault: Fault, code: bytes = b"") -> Reply:
    """The tagged NO for a fault; `code` says more than the table where the command knows more (TRYCREATE)."""
    text = " ".join(fault.text.split()) or "Refused"
    return Reply(text.encode("ascii", "replace").decode("ascii"), code or CODES[fault.kind], b"NO")
