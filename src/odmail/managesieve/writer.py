"""Strings and answers as they go over the wire.  RFC 5804 4"""

from odmail.managesieve.types import Reply

_QUOTED_MOST = 1024


def string(text: str | bytes) -> bytes:
    """Quoted where that is short and on one line, else a literal."""
    octets = text.encode("utf-8", "replace") if isinstance(text, str) else text
    if len(octets) > _QUOTED_MOST or any(letter in octets for letter in b"\r\n\0"):
        return b"{%d}\r\n%b" % (len(octets), octets)
    return b'"%b"' % octets.replace(b"\\", rb"\\").replace(b'"', rb"\"")


def answer(reply: Reply) -> bytes:
    """`OK (CODE) "text"`."""
    code = b" (%b)" % reply.code if reply.code else b""
    text = b" " + string(reply.text) if reply.text else b""
    return b"%b%b%b\r\n" % (reply.status, code, text)
