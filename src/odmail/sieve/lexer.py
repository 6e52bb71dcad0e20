"""A script cut into tokens.  RFC 5228 8.1

One expression matches any token; each alternative is linear. Positions are letters, as an editor counts them.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

import msgspec

from odmail.sieve.model import Place, ScriptError

_TOKEN = re.compile(
    r"(?P<space>[ \t\r\n]++|#[^\n]*+(?:\n|\Z)|/\*(?s:.*?)\*/)"
    r"|(?P<text>text:[ \t]*+(?:#[^\n]*+)?\r?\n)"
    r"|(?P<identifier>[A-Za-z_][A-Za-z0-9_]*+)"
    r"|:(?P<tag>[A-Za-z_][A-Za-z0-9_]*+)"
    r"|(?P<number>[0-9]++)(?P<unit>[KkMmGg]?)(?![A-Za-z0-9_])"
    r'|"(?P<quoted>(?:[^"\\]++|\\(?s:.))*+)"'
    r"|(?P<special>[;,(){}\[\]])"
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_END_OF_TEXT = re.compile(r"^\.\r?(?:\n|\Z)", re.MULTILINE)
_STUFFED = re.compile(r"^\.(?=\.)", re.MULTILINE)
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}

MOST_NUMBER = (1 << 63) - 1


class Token(msgspec.Struct, frozen=True, gc=False):
    """`kind` is identifier, tag, number, string, end, or the special letter itself."""

    kind: str
    value: str
    place: Place
    number: int = 0


class Lexer:
    """Tokens of one script, the last of them `end`."""

    def __init__(self, script: str) -> None:
        self._script = script
        self._lines = [0, *(found.end() for found in re.finditer(r"\n", script))]

    def place(self, offset: int) -> Place:
        """The line and column of a letter."""
        line = bisect_right(self._lines, offset)
        return Place(line, offset - self._lines[line - 1] + 1)

    def tokens(self) -> Iterator[Token]:
        """Raises ScriptError where no token can be."""
        at, end = 0, len(self._script)
        while at < end:
            match = _TOKEN.match(self._script, at)
            if match is None:
                raise ScriptError(self._trouble(at), self.place(at))
            at = match.end()
            if match.lastgroup == "space":
                continue
            if match.lastgroup == "text":
                token, at = self._multiline(match.start(), at)
                yield token
            else:
                yield self._token(match)
        yield Token("end", "", self.place(end))

    def _token(self, match: "re.Match[str]") -> Token:
        place = self.place(match.start())
        if match["identifier"] is not None:
            return Token("identifier", match["identifier"].lower(), place)
        if match["tag"] is not None:
            return Token("tag", match["tag"].lower(), place)
        if match["quoted"] is not None:
            text = match["quoted"]
            return Token("string", _lines(_ESCAPE.sub(r"\1", text) if "\\" in text else text), place)
        if match["number"] is not None:
            return self._number(match["number"], match["unit"].lower(), place)
        return Token(match["special"], match["special"], place)

    def _number(self, digits: str, unit: str, place: Place) -> Token:
        value = int(digits) * _UNITS[unit] if len(digits) < 20 else MOST_NUMBER + 1
        if value > MOST_NUMBER:
            raise ScriptError("the number is too large", place)
        return Token("number", digits + unit, place, value)

    def _multiline(self, start: int, at: int) -> tuple[Token, int]:
        """`text:` up to a line with nothing but a dot; a dot that begins a line was doubled."""
        found = _END_OF_TEXT.search(self._script, at)
        if found is None:
            raise ScriptError('the text: has no end: a line with nothing but "." is missing', self.place(start))
        text = _STUFFED.sub("", self._script[at : found.start()])
        return Token("string", _lines(text), self.place(start)), found.end()

    def _trouble(self, at: int) -> str:
        letter = self._script[at]
        if letter == '"':
            return "the string has no end"
        if self._script.startswith("/*", at):
            return "the comment has no end"
        if letter == ":":
            return "a tag's name must follow the colon"
        if letter.isdigit():
            return "that is no number"
        return f"{letter!r} can stand in a string or comment only" if letter.isprintable() else "a control character"


def _lines(text: str) -> str:
    """Lines in a string end as those of messages do, however the script's own end.  RFC 5228 2.2"""
    return re.sub(r"\r?\n", "\r\n", text) if "\n" in text else text
