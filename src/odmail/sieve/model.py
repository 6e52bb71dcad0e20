"""A script as it was written: commands, tests, arguments, each with its place.  RFC 5228 8.2"""

import msgspec


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where in a script; both count from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


class ScriptError(Exception):
    """A script that is not valid. `text` says why in one line."""

    def __init__(self, text: str, place: Place) -> None:
        super().__init__(f"{place}: {text}")
        self.text = text
        self.place = place


class RunError(Exception):
    """A valid script that went wrong on this message: the message is kept, and the owner is told."""


class Tag(msgspec.Struct, frozen=True, gc=False):
    """`:copy`; the name is in lower case, without the colon."""

    name: str
    place: Place


class Number(msgspec.Struct, frozen=True, gc=False):
    """`100K`, multiplied out."""

    value: int
    place: Place


class String(msgspec.Struct, frozen=True, gc=False):
    """Quoted or multi-line text, escapes undone."""

    value: str
    place: Place


class Strings(msgspec.Struct, frozen=True):
    """`["a", "b"]`."""

    items: tuple[String, ...]
    place: Place


Argument = Tag | Number | String | Strings


class Test(msgspec.Struct, frozen=True):
    """A test with its arguments; `tests` are those it is made of (`not`, `anyof`, `allof`)."""

    name: str
    arguments: tuple[Argument, ...]
    tests: "tuple[Test, ...]"
    place: Place


class Command(msgspec.Struct, frozen=True):
    """An action or a control; `block` is None when a semicolon ended it."""

    name: str
    arguments: tuple[Argument, ...]
    tests: tuple[Test, ...]
    block: "tuple[Command, ...] | None"
    place: Place
