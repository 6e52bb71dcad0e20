"""LIST patterns: '*' matches anything, '%' anything but the separator.  RFC 9051 6.3.9

A pattern is run as the set of places in it where a match may stand, one bit each, moved on by one step for each letter
of the name: no pattern makes it go back, so `%*%*%*x` costs no more than `x`.
"""

import re

from odmail.mailbox.model import SEPARATOR

_WILD = re.compile(r"[*%]+")


class Pattern:
    """One pattern, ready to match many names."""

    __slots__ = ("_accept", "_letters", "_open", "_start", "_step", "text")

    def __init__(self, text: str) -> None:
        self.text = _WILD.sub(lambda run: "*" if "*" in run[0] else "%", text)
        self._letters: dict[str, int] = {}
        self._open = 0  # places before '*'
        self._step = 0  # places before '%'
        for at, letter in enumerate(self.text):
            if letter == "*":
                self._open |= 1 << at
            elif letter == "%":
                self._step |= 1 << at
            else:
                self._letters[letter] = self._letters.get(letter, 0) | 1 << at
        self._accept = 1 << len(self.text)
        self._start = self._skip(1)

    def _skip(self, places: int) -> int:
        """A wildcard may match nothing. Two of them are never neighbors."""
        return places | (places & (self._open | self._step)) << 1

    def prefix(self) -> str:
        """What every matching name begins with."""
        found = _WILD.search(self.text)
        return self.text[: found.start()] if found else self.text

    def matches(self, name: str) -> bool:
        """Does `name` match?"""
        if self.text == "*":
            return True
        places = self._start
        for letter in name:
            stay = self._open if letter == SEPARATOR else self._open | self._step
            places = self._skip((places & self._letters.get(letter, 0)) << 1 | places & stay)
            if not places:
                return False
        return bool(places & self._accept)
