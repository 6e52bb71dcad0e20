"""Strings of a script with their variables: `${name}`.  RFC 5229 3"""

import re
from collections.abc import Iterable, Iterator

from odmail.sieve.limits import VALUE
from odmail.sieve.run import Run

_REFERENCE = re.compile(r"\$\{((?:[A-Za-z_][A-Za-z0-9_]*+\.)*+[A-Za-z_][A-Za-z0-9_]*+|[0-9]++)\}")


class Text:
    """A string argument: `constant` when no variable is in it."""

    __slots__ = ("_pieces", "constant")

    def __init__(self, text: str, *, variables: bool) -> None:
        pieces = _REFERENCE.split(text) if variables and "${" in text else [text]
        self.constant = text if len(pieces) == 1 else None
        self._pieces = [piece if number % 2 == 0 else piece.lower() for number, piece in enumerate(pieces)]

    def __call__(self, run: Run) -> str:
        if self.constant is not None:
            return self.constant
        out: list[str] = []
        room = VALUE
        for number, piece in enumerate(self._pieces):
            text = piece if number % 2 == 0 else run.get(piece)
            out.append(text[:room])
            room -= len(out[-1])
        return "".join(out)

    def references(self) -> list[str]:
        """The variables in it, in lower case."""
        return self._pieces[1::2]


class Texts:
    """A string list argument; `constant` when no variable is in it."""

    __slots__ = ("_items", "_split", "constant")

    def __init__(self, items: Iterable[Text], *, split: bool = False) -> None:
        """`split`: each word of each string counts for itself."""
        self._items = tuple(items)
        self._split = split
        known = [each.constant for each in self._items if each.constant is not None]
        self.constant = self._parts(known) if len(known) == len(self._items) else None

    def __call__(self, run: Run) -> tuple[str, ...]:
        if self.constant is not None:
            return self.constant
        return self._parts(each(run) for each in self._items)

    def __iter__(self) -> Iterator[Text]:
        return iter(self._items)

    def words(self) -> "Texts":
        """The same, each word of each string for itself."""
        return Texts(self._items, split=True)

    def _parts(self, texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(word for text in texts for word in text.split()) if self._split else tuple(texts)
