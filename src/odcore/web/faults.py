"""What each kind of failure is called in HTTP: the one table of status codes.  RFC 9110 15"""

from odcore.errors import Kind

STATUS: dict[Kind, str] = {
    Kind.NOT_FOUND: "404 Not Found",
    Kind.EXISTS: "409 Conflict",
    Kind.DENIED: "403 Forbidden",
    Kind.LOGIN: "401 Unauthorized",
    Kind.OVER_QUOTA: "507 Insufficient Storage",
    Kind.NO_SPACE: "507 Insufficient Storage",
    Kind.TOO_BIG: "413 Content Too Large",
    Kind.LIMIT: "429 Too Many Requests",
    Kind.BAD_REQUEST: "400 Bad Request",
    Kind.UNSUPPORTED: "501 Not Implemented",
    Kind.CONFLICT: "409 Conflict",
    Kind.EXPUNGED: "410 Gone",
    Kind.IN_USE: "423 Locked",
    Kind.HELD: "403 Forbidden",
    Kind.TRY_LATER: "503 Service Unavailable",
    Kind.INTERNAL: "500 Internal Server Error",
}

RETRY_AFTER = {Kind.NO_SPACE: "60", Kind.LIMIT: "60", Kind.TRY_LATER: "30"}
"""Seconds until another try makes sense."""
