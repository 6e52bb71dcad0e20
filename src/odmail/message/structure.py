"""BODYSTRUCTURE, ready for the wire.  RFC 9051 7.5.2"""

from odmail.message import parameters
from odmail.message.parameters import Parameters
from odmail.message.wire import NIL, filled, string

_TEXT_DEFAULT = b'("charset" "us-ascii")'


def leaf(
    kind: bytes, subtype: bytes, params: Parameters, fields: dict[bytes, bytes], size: int, lines: int | None
) -> bytes:
    """A part without children; `lines` only for text."""
    counted = b"" if lines is None else b" %d" % lines
    listed = _parameters(params) if params or kind != b"text" else _TEXT_DEFAULT
    return b"(%b %b %b %b%b %b)" % (string(kind), string(subtype), listed, _basic(fields, size), counted, _tail(fields))


def enclosed(
    subtype: bytes,
    params: Parameters,
    fields: dict[bytes, bytes],
    size: int,
    lines: int,
    envelope: bytes,
    body: bytes,
) -> bytes:
    """A message/rfc822 or message/global part around the body structure of what it holds."""
    return b'("message" %b %b %b %b %b %d %b)' % (
        string(subtype),
        _parameters(params),
        _basic(fields, size),
        envelope,
        body,
        lines,
        _tail(fields),
    )


def multipart(subtype: bytes, params: Parameters, fields: dict[bytes, bytes], children: list[bytes]) -> bytes:
    """A multipart around its children's structures, of which there is at least one."""
    return b"(%b %b %b %b)" % (
        b"".join(children),
        string(subtype),
        _parameters(params),
        _extension(fields),
    )


def _basic(fields: dict[bytes, bytes], size: int) -> bytes:
    return b"%b %b %b %d" % (
        filled(fields.get(b"content-id")),
        filled(fields.get(b"content-description")),
        string(encoding(fields)),
        size,
    )


def encoding(fields: dict[bytes, bytes]) -> bytes:
    """The content transfer encoding in lower case, "7bit" when not stated.  RFC 2045 6.1"""
    stated = fields.get(b"content-transfer-encoding")
    if not stated:
        return b"7bit"
    return (stated.split(b";", 1)[0].split(b"(", 1)[0].strip() or b"7bit").lower()


def _tail(fields: dict[bytes, bytes]) -> bytes:
    return b"%b %b" % (filled(fields.get(b"content-md5")), _extension(fields))


def _extension(fields: dict[bytes, bytes]) -> bytes:
    return b"%b %b %b" % (
        _disposition(fields.get(b"content-disposition")),
        _language(fields.get(b"content-language")),
        filled(fields.get(b"content-location")),
    )


def _disposition(value: bytes | None) -> bytes:
    if not value:
        return NIL
    kind, params = parameters.parse(value)
    return b"(%b %b)" % (string(kind or b"attachment"), _parameters(parameters.joined(params)))


def _language(value: bytes | None) -> bytes:
    tags = [tag for tag in (piece.strip() for piece in (value or b"")[:1000].split(b",")) if tag]
    return b"(%b)" % b" ".join(map(string, tags)) if tags else NIL


def _parameters(params: Parameters) -> bytes:
    if not params:
        return NIL
    return b"(%b)" % b" ".join([b"%b %b" % (string(name), string(text)) for name, text in params])
