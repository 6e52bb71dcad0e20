"""The grammar of arguments.  RFC 5804 4

A Reader is a cursor over one whole command: its line, with each literal in place as `{n}` CRLF and n octets.
"""

import re

from odmail.managesieve.types import BadSyntax

_QUOTED = re.compile(rb'"((?:[^"\\\r\n\x00]++|\\["\\])*+)"')
_LITERAL = re.compile(rb"\{([0-9]{1,10})\}\r\n")
_NUMBER = re.compile(rb"[0-9]{1,10}")
_WORD = re.compile(rb"[A-Za-z]++")
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)


class Reader:
    """Each method takes what it names from the front, with the space before it, or raises BadSyntax."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def more(self) -> bool:
        """Is anything left?"""
        return self._at < len(self._data)

    def word(self) -> bytes:
        """The command's name, in capitals."""
        found = _WORD.match(self._data)
        if found is None:
            raise BadSyntax("A command is expected")
        self._at = found.end()
        return found[0].upper()

    def octets(self) -> bytes:
        """A string, quoted or literal."""
        self._space()
        found = _QUOTED.match(self._data, self._at)
        if found is not None:
            self._at = found.end()
            return _ESCAPED.sub(rb"\1", found[1]) if b"\\" in found[1] else found[1]
        literal = _LITERAL.match(self._data, self._at)
        if literal is None:
            raise BadSyntax("A string is expected")
        start, size = literal.end(), int(literal[1])
        self._at = start + size
        return self._data[start : self._at]

    def text(self) -> str:
        """A string of UTF-8."""
        try:
            return self.octets().decode()
        except UnicodeDecodeError:
            raise BadSyntax("Strings are UTF-8") from None

    def number(self) -> int:
        """A number of 32 bits."""
        self._space()
        found = _NUMBER.match(self._data, self._at)
        if found is None or int(found[0]) >= 1 << 32:
            raise BadSyntax("A number is expected")
        self._at = found.end()
        return int(found[0])

    def end(self) -> None:
        """Nothing more."""
        if self._data[self._at :].strip(b" "):
            raise BadSyntax("Too many arguments")

    def _space(self) -> None:
        if self._at == 0:  # an answer, not a command's argument
            return
        if not self._data.startswith(b" ", self._at):
            raise BadSyntax("An argument is missing")
        self._at += 1
        while self._data.startswith(b" ", self._at):
            self._at += 1
