"""BODY made from BODYSTRUCTURE: the same tree without its extension data.  RFC 9051 7.5.2"""

import re

_TOKEN = re.compile(rb'[()]|"(?:[^"\\]|\\.)*"|\{(\d+)\}\r\n|[^ ()"{]+', re.DOTALL)


class _Value:
    """A string, number, NIL or list, by its place in the text."""

    __slots__ = ("end", "start", "values")

    def __init__(self, start: int) -> None:
        self.start = start
        self.end = start
        self.values: list[_Value] | None = None


def without_extensions(structure: bytes) -> bytes:
    """The BODY value for a stored BODYSTRUCTURE value."""
    return _body(structure, _read(structure))


def _read(text: bytes) -> _Value:
    """The outermost list. The text is ours, so it is taken to be well formed."""
    top: list[_Value] = []
    open_lists = [top]
    holders: list[_Value] = []
    at = 0
    while (token := _TOKEN.search(text, at)) is not None:
        at = token.end() + int(token[1] or 0)  # a literal's octets may look like anything
        if token[0] == b")":
            open_lists.pop()
            holders.pop().end = at
            continue
        value = _Value(token.start())
        value.end = at
        open_lists[-1].append(value)
        if token[0] == b"(":
            value.values = []
            holders.append(value)
            open_lists.append(value.values)
    return top[0]


def _body(text: bytes, body: _Value) -> bytes:
    values = body.values or []
    if values and values[0].values is not None:
        parts = [value for value in values if value.values is not None]
        subtype = next(value for value in values if value.values is None)
        inner = b"".join(_body(text, part) for part in parts if part.start < subtype.start)
        return b"(%b %b)" % (inner, text[subtype.start : subtype.end])
    kind, subtype_name = (text[value.start : value.end].strip(b'"').lower() for value in values[:2])
    if kind == b"message" and subtype_name in (b"rfc822", b"global") and len(values) > 9:
        before, after = text[body.start : values[8].start], text[values[8].end : values[9].end]
        return b"%b%b%b)" % (before, _body(text, values[8]), after)
    return text[body.start : values[7 if kind == b"text" else 6].end] + b")"
