"""Content lines: unfolding, names, parameters, values; components by nesting.  RFC 5545 3.1, RFC 6350 3.3

One pass, linear in the octets, with limits. Values are left as they stand.
"""

import re
from collections.abc import Iterator

import msgspec

from odcore.errors import Fault, Kind

_MOST_LINES = 200_000
_DEEPEST = 8
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
"""Neither content lines nor XML may hold them."""


class Line(msgspec.Struct, frozen=True):
    """`name` without a group and in capitals; `params` by name in capitals, without quotes."""

    name: str
    params: dict[str, str]
    value: str


class Component(msgspec.Struct):
    """BEGIN to END."""

    name: str
    lines: list[Line] = []
    inner: list["Component"] = []

    def first(self, name: str) -> Line | None:
        """The first property of that name."""
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator[Line]:
        """All of that name."""
        return (line for line in self.lines if line.name == name)


def components(octets: bytes) -> list[Component]:
    """The outermost components. Fault BAD_REQUEST for what is no such text."""
    found: list[Component] = []
    open_: list[Component] = []
    for text in _unfolded(octets):
        line = _line(text)
        if line.name == "BEGIN":
            open_.append(_begin(line, open_, found))
        elif not open_:
            raise _bad("a line stands outside of any component")
        elif line.name == "END":
            if open_.pop().name != line.value.strip().upper():
                raise _bad("BEGIN and END do not match")
        else:
            open_[-1].lines.append(line)
    if open_:
        raise _bad(f"END:{open_[-1].name} is missing")
    return found


def _begin(line: Line, open_: list[Component], found: list[Component]) -> Component:
    if len(open_) >= _DEEPEST:
        raise _bad("components are nested too deeply")
    made = Component(line.value.strip().upper())
    (open_[-1].inner if open_ else found).append(made)
    return made


def _unfolded(octets: bytes) -> Iterator[str]:
    try:
        text = octets.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise _bad("it is not UTF-8") from error
    if _CONTROLS.search(text):
        raise _bad("it has control characters")
    lines = text.replace("\r\n", "\n").split("\n")
    if len(lines) > _MOST_LINES:
        raise _bad("it has too many lines")
    parts: list[str] = []
    for line in lines:
        if line[:1] in (" ", "\t"):
            parts.append(line[1:])
            continue
        if parts:
            yield "".join(parts)
        parts = [line] if line.strip() else []
    if parts:
        yield "".join(parts)


def _line(text: str) -> Line:
    """`group.NAME;PARAM="a:b";PARAM=c:value`"""
    head, at = _until(text, 0, ":;")
    params: dict[str, str] = {}
    while at < len(text) and text[at] == ";":
        param, at = _until(text, at + 1, ":;")
        name, _, value = param.partition("=")
        params[name.strip().upper()] = value.strip().strip('"')
    if at >= len(text):
        raise _bad("a line has no colon")
    return Line(head.rpartition(".")[2].strip().upper(), params, text[at + 1 :])


def _until(text: str, start: int, stops: str) -> tuple[str, int]:
    """Up to one of `stops` outside of quotes, and where that is."""
    quoted = False
    for at in range(start, len(text)):
        letter = text[at]
        if letter == '"':
            quoted = not quoted
        elif not quoted and letter in stops:
            return text[start:at], at
    return text[start:], len(text)


def _bad(why: str) -> Fault:
    return Fault(Kind.BAD_REQUEST, f"This is no calendar object or card: {why}.")
