"""Mail the house writes itself: fields folded and encoded, entities, multiparts, reports.  RFC 5322, RFC 2047, RFC 3464

Values come from outside (addresses, replies of other servers), so nothing that could end a line gets into a field.
"""

import binascii
import re
from base64 import encodebytes
from collections.abc import Iterable, Sequence

from odcore import ids
from odcore.errors import Fault, Kind

Fields = Iterable[tuple[str, str]]

_NAME = re.compile(r"[!-9;-~]{1,70}\Z")
_LINE_BREAKING = re.compile("[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*\Z")
_LINE = 76
_WORD = 42  # octets of UTF-8 that make an encoded word of at most 75 characters (RFC 2047 2)
_LONGEST_LINE = 998


def field(name: str, value: str) -> bytes:
    """One unstructured or ready-made field; text that is not ASCII becomes encoded words."""
    if not _NAME.match(name) or _LINE_BREAKING.search(value):
        raise Fault(Kind.BAD_REQUEST, "A header field may not hold control characters.")
    text = value if value.isascii() and "=?" not in value else " ".join(encoded_words(value))
    return _folded(f"{name}: {text}")


def address_field(name: str, mailboxes: Iterable[tuple[str, str]]) -> bytes:
    """A field of (display name, address) pairs; a name may be empty. Addresses may be UTF-8 (RFC 6532)."""
    texts = [_mailbox(display, address) for display, address in mailboxes]
    if not _NAME.match(name) or any(_LINE_BREAKING.search(text) for text in texts):
        raise Fault(Kind.BAD_REQUEST, "A header field may not hold control characters.")
    return _folded(f"{name}: {', '.join(texts)}")


def _mailbox(display: str, address: str) -> str:
    if re.search(r'[\s<>",;:()\\\[\]]', address.rpartition("@")[0].strip('"')) and not address.startswith('"'):
        raise Fault(Kind.BAD_REQUEST, "That is no e-mail address.")
    if _LINE_BREAKING.search(display):
        raise Fault(Kind.BAD_REQUEST, "A display name may not hold control characters.")
    if not display:
        return address
    if not display.isascii() or "=?" in display:
        return f"{' '.join(encoded_words(display))} <{address}>"
    if _ATOMS.match(display):
        return f"{display} <{address}>"
    escaped = display.replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}" <{address}>'


def encoded_words(text: str) -> list[str]:
    """Whole letters in each word.  RFC 2047 5"""
    words: list[str] = []
    piece = b""
    for letter in text:
        octets = letter.encode("utf-8", "replace")
        if len(piece) + len(octets) > _WORD:
            words.append(_encoded(piece))
            piece = b""
        piece += octets
    return [*words, _encoded(piece)]


def _encoded(octets: bytes) -> str:
    return f"=?utf-8?b?{binascii.b2a_base64(octets, newline=False).decode()}?="


def _folded(line: str) -> bytes:
    """Broken before spaces, so that unfolding gives back the same text.  RFC 5322 2.2.3"""
    lines: list[str] = []
    while len(line) > _LINE:
        start = line.find(" ") + 2 if not lines else 1  # never right after the name
        cut = line.rfind(" ", start, _LINE)
        if cut < 0:
            cut = line.find(" ", max(start, _LINE))
        if cut < 0 or not line[cut:].strip():
            break
        lines.append(line[:cut])
        line = line[cut:]
    if len(line) > _LONGEST_LINE:
        raise Fault(Kind.BAD_REQUEST, "A header field has a word that is too long.")
    return ("\r\n".join([*lines, line]) + "\r\n").encode()


def text_part(text: str, subtype: str = "plain", language: str = "") -> bytes:
    """A text entity with its header, ready to stand alone or in a multipart. `language`: a list of tags (RFC 3282)."""
    body = "\r\n".join(text.splitlines()).encode("utf-8", "replace") + b"\r\n"
    is_plain = body.isascii() and all(len(line) <= _LONGEST_LINE for line in body.split(b"\r\n"))
    head = f"Content-Type: text/{subtype}; charset={'us-ascii' if is_plain else 'utf-8'}\r\n"
    if language:
        head += f"Content-Language: {language}\r\n"
    if is_plain:
        return f"{head}\r\n".encode() + body
    encoded = encodebytes(body).replace(b"\n", b"\r\n")
    return f"{head}Content-Transfer-Encoding: base64\r\n\r\n".encode() + encoded


def message_part(octets: bytes) -> bytes:
    """A whole message, or its header with the empty line, as an entity."""
    return _opaque(_returned_kind(octets, full=True), octets)


def multipart(subtype: str, parts: Sequence[bytes], parameters: str = "") -> bytes:
    """A multipart entity with its header; each part is an entity with its own."""
    boundary = f"=_{ids.token(18)}"
    head = field("Content-Type", f'multipart/{subtype}; boundary="{boundary}"{parameters}')
    delimiter = f"--{boundary}".encode()
    body = b"".join(b"%b\r\n%b\r\n" % (delimiter, part) for part in parts)
    return b"%b\r\n%b%b--\r\n" % (head, body, delimiter)


def message(fields: Sequence[bytes], entity: bytes) -> bytes:
    """A whole message from fields made here and an entity."""
    head = b"".join([*fields, b"MIME-Version: 1.0\r\n"])
    if not entity.isascii() and b"content-transfer-encoding" not in entity.partition(b"\r\n\r\n")[0].lower():
        head += b"Content-Transfer-Encoding: 8bit\r\n"
    return head + entity


def delivery_report(
    explanation: bytes, about: Fields, recipients: Iterable[Fields], original: bytes, full: bool
) -> bytes:
    """The multipart/report of a DSN: words for people, fields for programs, and what it is about.  RFC 3464, RFC 6522

    `explanation` is a text entity, `original` the message's header block, or all of it when `full`.
    """
    groups = [about, *recipients]
    status = b"\r\n".join(b"".join(_status_field(name, value) for name, value in group) for group in groups)
    international = not status.isascii()  # RFC 6533 3
    kind = "message/global-delivery-status" if international else "message/delivery-status"
    parts = [explanation, _opaque(kind, status), _opaque(_returned_kind(original, full), original)]
    return multipart("report", parts, "; report-type=delivery-status")


def _status_field(name: str, value: str) -> bytes:
    """Not encoded but cleaned: a diagnostic is worth having even when its sender put garbage into it."""
    clean = _LINE_BREAKING.sub("?", value)[: _LONGEST_LINE - 100]
    return _folded(f"{name}: {clean}")


def _returned_kind(original: bytes, full: bool) -> str:
    international = not original.partition(b"\r\n\r\n")[0].isascii()
    if full:
        return "message/global" if international else "message/rfc822"
    return "message/global-headers" if international else "text/rfc822-headers"


def _opaque(kind: str, body: bytes) -> bytes:
    encoding = b"" if body.isascii() else b"Content-Transfer-Encoding: 8bit\r\n"
    return b"Content-Type: %b\r\n%b\r\n%b" % (kind.encode(), encoding, body)
