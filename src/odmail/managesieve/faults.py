"""What each kind of failure is called on the wire: the one table of response codes.  RFC 5804 1.3"""

from odcore.errors import Fault, Kind
from odmail.managesieve.types import Reply

CODES: dict[Kind, bytes] = {
    Kind.NOT_FOUND: b"NONEXISTENT",
    Kind.EXISTS: b"ALREADYEXISTS",
    Kind.DENIED: b"",
    Kind.LOGIN: b"",
    Kind.OVER_QUOTA: b"QUOTA",
    Kind.NO_SPACE: b"TRYLATER",
    Kind.TOO_BIG: b"QUOTA/MAXSIZE",
    Kind.LIMIT: b"QUOTA/MAXSCRIPTS",
    Kind.BAD_REQUEST: b"",
    Kind.UNSUPPORTED: b"",
    Kind.CONFLICT: b"TRYLATER",
    Kind.EXPUNGED: b"NONEXISTENT",
    Kind.IN_USE: b"ACTIVE",
    Kind.HELD: b"",
    Kind.TRY_LATER: b"TRYLATER",
    Kind.INTERNAL: b"TRYLATER",
}


def refusal(fault: Fault) -> Reply:
    """The NO for a fault."""
    return Reply(fault.text, CODES[fault.kind], b"NO")
