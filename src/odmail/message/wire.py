"""Strings as IMAP wants them inside a response.  RFC 9051 4.3"""

import re

_QUOTABLE = re.compile(rb"[ !#-\[\]-~]*+\Z")
_ESCAPED = re.compile(rb'(["\\])')
_PRINTABLE = re.compile(rb"[ -~]*+\Z")

NIL = b"NIL"


def string(octets: bytes) -> bytes:
    """A quoted string where it can be one, else a literal. NUL fits into neither and is dropped."""
    if _QUOTABLE.match(octets):
        return b'"%b"' % octets
    if _PRINTABLE.match(octets):
        return b'"%b"' % _ESCAPED.sub(rb"\\\1", octets)
    octets = octets.replace(b"\0", b"")
    return b"{%d}\r\n%b" % (len(octets), octets)


def nstring(octets: bytes | None) -> bytes:
    """NIL for None."""
    return NIL if octets is None else string(octets)


def filled(octets: bytes | None) -> bytes:
    """NIL for nothing and for the empty string, which is how a missing field shows."""
    return string(octets) if octets else NIL
