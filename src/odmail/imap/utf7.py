"""Modified UTF-7, as mailbox names travel before IMAP4rev2 is enabled.  RFC 3501 5.1.3"""

import binascii
import re

_SHIFTED = re.compile(rb"&([A-Za-z0-9+,]*)-")
_PLAIN = re.compile(r"[\x20-\x25\x27-\x7e]+")


def decode(name: bytes) -> str:
    """The name as text; ValueError when it is not what `encode` could have made."""
    parts: list[str] = []
    at = 0
    while (start := name.find(b"&", at)) >= 0:
        parts.append(_ascii(name[at:start]))
        found = _SHIFTED.match(name, start)
        if found is None:
            raise ValueError("unended shift in modified UTF-7")
        parts.append(_shifted(found[1]))
        at = found.end()
    parts.append(_ascii(name[at:]))
    text = "".join(parts)
    if encode(text) != name:  # superfluous shifts, ASCII in base64: two spellings of one name
        raise ValueError("not canonical modified UTF-7")
    return text


def encode(text: str) -> bytes:
    """The name as the wire wants it."""
    parts: list[bytes] = []
    at = 0
    while at < len(text):
        plain = _PLAIN.match(text, at)
        if plain is not None:
            parts.append(plain[0].encode("ascii"))
            at = plain.end()
        elif text[at] == "&":
            parts.append(b"&-")
            at += 1
        else:
            start = at
            while at < len(text) and text[at] != "&" and not _PLAIN.match(text, at):
                at += 1
            parts.append(b"&" + _base64(text[start:at]) + b"-")
    return b"".join(parts)


def _ascii(name: bytes) -> str:
    if any(octet < 0x20 or octet > 0x7E for octet in name):
        raise ValueError("not printable ASCII")
    return name.decode("ascii")


def _shifted(coded: bytes) -> str:
    if not coded:
        return "&"
    padded = coded.replace(b",", b"/") + b"=" * (-len(coded) % 4)
    try:
        return binascii.a2b_base64(padded, strict_mode=True).decode("utf-16-be")
    except binascii.Error as error:
        raise ValueError("bad base64 in modified UTF-7") from error


def _base64(text: str) -> bytes:
    return binascii.b2a_base64(text.encode("utf-16-be"), newline=False).rstrip(b"=").replace(b"/", b",")
