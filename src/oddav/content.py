"""Content lines: unfolding, names, parameters, values; components by nesting.  RFC 5545 3.1, RFC 6350 3.3

One pass, linear in the octets, with limits. Values are left as they stand.
"""

import re
from collections.abc import Iterator

import msgspec

from odcore.errors import Fault, Kind

_MOST_LINES = 200_000
_DEEPEST = 8
_WIDTH = 75
_CUT = re.compile(rb"\r?\n[ \t](?=[\x80-\xbf])")
"""A fold inside of a letter."""

_ESCAPED = re.compile(r"\\([\\nN,;])")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
"""Neither content lines nor XML may hold them."""


class Line(msgspec.Struct, frozen=True):
    """`name` without a group and in capitals; `params` by name in capitals, without quotes; `text` as it stood."""

    name: str
    params: dict[str, str]
    value: str
    text: str

    def having(self, **params: str | None) -> "Line":
        """With parameters set, or taken away by None; the others stay as they stood. Underscores are hyphens."""
        wanted = {name.replace("_", "-"): each for name, each in params.items()}
        head, at = _until(self.text, 0, ":;")
        parts = [head]
        while self.text[at] == ";":
            param, at = _until(self.text, at + 1, ":;")
            if param.partition("=")[0].strip().upper() not in wanted:
                parts.append(param)
        parts += [f"{name}={_quoted(each)}" for name, each in wanted.items() if each is not None]
        return line(f"{';'.join(parts)}:{self.value}")

    def valued(self, value: str) -> "Line":
        """With another value."""
        return line(self.text[: len(self.text) - len(self.value)] + value)


class Component(msgspec.Struct):
    """BEGIN to END."""

    name: str
    lines: list[Line] = []
    inner: list["Component"] = []

    def copy(self) -> "Component":
        """One whose lists may be changed."""
        return Component(self.name, list(self.lines), [each.copy() for each in self.inner])

    def text(self, name: str) -> str:
        """The first value of a property, "" where there is none."""
        found = self.first(name)
        return "" if found is None else found.value.strip()

    def drop(self, *names: str) -> None:
        """Without these properties."""
        self.lines = [each for each in self.lines if each.name not in names]

    def put(self, text: str) -> None:
        """A property, instead of all of its name."""
        made = line(text)
        self.drop(made.name)
        self.lines.append(made)

    def first(self, name: str) -> Line | None:
        """The first property of that name."""
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator[Line]:
        """All of that name."""
        return (line for line in self.lines if line.name == name)


def text(octets: bytes) -> str:
    """As letters: those that a fold cuts are whole, all other folds stay. Fault BAD_REQUEST.  RFC 5545 3.1"""
    try:
        return octets.decode()
    except UnicodeDecodeError:
        pass
    try:
        return _CUT.sub(b"", octets).decode()
    except UnicodeDecodeError as error:
        raise _bad("it is not UTF-8") from error


def components(octets: bytes) -> list[Component]:
    """The outermost components. Fault BAD_REQUEST for what is no such text."""
    found: list[Component] = []
    open_: list[Component] = []
    for each in _unfolded(octets):
        read = line(each)
        if read.name == "BEGIN":
            open_.append(_begin(read, open_, found))
        elif not open_:
            raise _bad("a line stands outside of any component")
        elif read.name == "END":
            if open_.pop().name != read.value.strip().upper():
                raise _bad("BEGIN and END do not match")
        else:
            open_[-1].lines.append(read)
    if open_:
        raise _bad(f"END:{open_[-1].name} is missing")
    return found


def written(component: Component) -> bytes:
    """A component as octets, its lines folded."""
    return "".join(_texts(component)).encode()


def _texts(component: Component) -> Iterator[str]:
    yield f"BEGIN:{component.name}\r\n"
    for each in component.lines:
        yield _folded(each.text)
    for inner in component.inner:
        yield from _texts(inner)
    yield f"END:{component.name}\r\n"


def _folded(text: str) -> str:
    """At most 75 octets in a line, and no letter cut.  RFC 5545 3.1"""
    if len(text.encode()) <= _WIDTH:
        return f"{text}\r\n"
    parts: list[str] = []
    part, room = "", _WIDTH
    for letter in text:
        size = len(letter.encode())
        if size > room:
            parts.append(part)
            part, room = " ", _WIDTH - 1
        part, room = part + letter, room - size
    return "\r\n".join([*parts, part]) + "\r\n"


def _begin(line: Line, open_: list[Component], found: list[Component]) -> Component:
    if len(open_) >= _DEEPEST:
        raise _bad("components are nested too deeply")
    made = Component(line.value.strip().upper())
    (open_[-1].inner if open_ else found).append(made)
    return made


def _unfolded(octets: bytes) -> Iterator[str]:
    letters = text(octets).removeprefix("\ufeff")
    if _CONTROLS.search(letters):
        raise _bad("it has control characters")
    lines = letters.replace("\r\n", "\n").split("\n")
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


def line(text: str) -> Line:
    """`group.NAME;PARAM="a:b";PARAM=c:value`. Fault BAD_REQUEST."""
    head, at = _until(text, 0, ":;")
    params: dict[str, str] = {}
    while at < len(text) and text[at] == ";":
        param, at = _until(text, at + 1, ":;")
        name, _, value = param.partition("=")
        params[name.strip().upper()] = value.strip().strip('"')
    if at >= len(text):
        raise _bad("a line has no colon")
    return Line(head.rpartition(".")[2].strip().upper(), params, text[at + 1 :], text)


def unescaped(value: str) -> str:
    """Without the escapes of a text value.  RFC 5545 3.3.11, RFC 6350 3.4"""
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def escaped(text: str) -> str:
    """A text as a TEXT value."""
    return re.sub(r"([\\;,])", r"\\\1", text).replace("\n", "\\n")


def _quoted(value: str) -> str:
    """A parameter's value; a quotation mark cannot stand in one."""
    plain = value.replace('"', "'")
    return f'"{plain}"' if any(each in plain for each in ":;,") else plain


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
