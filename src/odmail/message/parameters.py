"""Content-Type and Content-Disposition: a value and its parameters.  RFC 2045 5.1, RFC 2183, RFC 2231"""

import re
from urllib.parse import unquote_to_bytes

from odmail.message import charset, header

MOST = 100
"""Parameters of one field that are looked at."""

Parameters = list[tuple[bytes, bytes]]
"""Names in lower case, values with quoting removed, in the order written."""

_VALUE = re.compile(rb"[ \t]*+([^\s;()\"]*+)")
_GAP = re.compile(rb"[^;(\"]*+")
_BETWEEN = re.compile(rb"[ \t\r\n;]*+")
_NAME = re.compile(rb"([^\s=;\"(]++)[ \t\r\n]*+=[ \t\r\n]*+")
_QUOTED = re.compile(rb"\"((?:[^\"\\]|\\.)*+)\"?", re.DOTALL)
_RAW = re.compile(rb"[^;]*+")
_EDGE = re.compile(rb"[()]|\\.", re.DOTALL)
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_SECTION = re.compile(rb"(.+?)\*(?:(\d{1,3})(\*)?)?\Z", re.DOTALL)
_NAMES = frozenset({b"name", b"filename"})


def parse(value: bytes) -> tuple[bytes, Parameters]:
    """The value proper in lower case, and the parameters as written (RFC 2231 sections not yet joined)."""
    match = _VALUE.match(value)
    assert match is not None  # it may match nothing
    found: Parameters = []
    at = match.end()
    while len(found) < MOST:
        between = _BETWEEN.match(value, _skip(value, at))
        assert between is not None  # it may match nothing
        at = between.end()
        if at == len(value):
            break
        name = _NAME.match(value, at)
        if name is None:
            continue  # something that is no parameter: on to the next ";"
        at = name.end()
        key = name[1].lower()
        if quoted := _QUOTED.match(value, at):
            text = quoted[1]
            found.append((key, _ESCAPE.sub(rb"\1", text) if b"\\" in text else text))
            at = quoted.end()
        else:
            raw = _RAW.match(value, at)
            assert raw is not None
            # unquoted file names with spaces are common, elsewhere a space ends the value
            text = raw[0].strip()
            found.append((key, text if key in _NAMES else (text.split(None, 1) or [b""])[0]))
            at = raw.end()
    return match[1].lower(), found


def _skip(value: bytes, at: int) -> int:
    """Up to the next ";", over comments and quoted strings that belong to nothing."""
    end = len(value)
    while at < end:
        gap = _GAP.match(value, at)
        assert gap is not None
        at = gap.end()
        if at == end or value[at] == 0x3B:
            return at
        if value[at] == 0x28:
            at = _after_comment(value, at + 1)
        else:
            quoted = _QUOTED.match(value, at)
            assert quoted is not None
            at = quoted.end()
    return end


def _after_comment(value: bytes, at: int) -> int:
    depth = 1
    for edge in _EDGE.finditer(value, at):
        if len(edge[0]) == 1:
            depth += 1 if edge[0] == b"(" else -1
        if depth == 0:
            return edge.end()
    return len(value)


def joined(found: Parameters) -> Parameters:
    """RFC 2231 sections put together. An encoded value keeps its charset and percent signs, and its name a "*"."""
    if not any(b"*" in name for name, _ in found):
        return found
    plain: Parameters = []
    sections: dict[bytes, dict[int, tuple[bool, bytes]]] = {}
    for name, text in found:
        match = _SECTION.match(name) if b"*" in name else None
        if match is None:
            plain.append((name, text))
        else:
            number = int(match[2]) if match[2] else 0
            encoded = match[2] is None or match[3] is not None
            sections.setdefault(match[1], {}).setdefault(number, (encoded, text))
    plain.extend(_join(name, parts) for name, parts in sections.items())
    return plain


def _join(name: bytes, parts: dict[int, tuple[bool, bytes]]) -> tuple[bytes, bytes]:
    texts: list[bytes] = []
    encoded = any(flag for flag, _ in parts.values())
    for number in range(len(parts)):
        if number not in parts:
            break  # a section is missing: what follows cannot be placed
        flag, text = parts[number]
        texts.append(text if flag or not encoded else text.replace(b"%", b"%25"))
    if not texts:
        return name, b""
    if encoded and not parts[0][0]:
        texts.insert(0, b"''")  # only later sections are encoded: no charset was stated
    return (name + b"*" if encoded else name), b"".join(texts)


def get(found: Parameters, name: bytes) -> bytes | None:
    """The first value of a plain parameter."""
    for key, text in found:
        if key == name:
            return text
    return None


def text(found: Parameters, name: bytes) -> str | None:
    """A parameter's decoded text: RFC 2231 first, else as written, encoded words (not allowed, but usual) decoded.

    `found` has been joined.
    """
    extended = get(found, name + b"*")
    if extended is not None:
        label, first, rest = extended.partition(b"'")
        _, second, encoded = rest.partition(b"'")
        if first and second:
            return charset.decode(unquote_to_bytes(encoded), label.decode("latin-1"))
        return charset.guess(unquote_to_bytes(extended))
    plain = get(found, name)
    return None if plain is None else header.decode(plain)
