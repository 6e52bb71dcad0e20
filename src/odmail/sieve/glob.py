"""`:matches`: "*" is any letters, as few as will do, "?" one letter. Linear in the text.  RFC 5228 2.7.1, RFC 5229 3.2

A pattern is cut at its "*" into segments. The first stands at the beginning, the last at the end, and each between them
is sought where the one before it ended: the leftmost place is always right, so nothing is ever tried twice.
"""

from collections.abc import Callable, Sequence

from odmail.sieve.linear import wildcards

MOST = 99
"""Match variables besides ${0}.  RFC 5229 3.2 asks for nine."""

Segment = tuple[str | None, ...]
"""Literals, and None for "?"."""


class Glob:
    """One pattern, its letters mapped as the comparator does."""

    __slots__ = ("_segments",)

    def __init__(self, pattern: str, key: Callable[[str], str]) -> None:
        self._segments = _segments(pattern, key)

    def match(self, text: str) -> list[tuple[int, int]] | None:
        """Where each wildcard matched, in order; None when the whole text does not match."""
        first, *rest = self._segments
        found: list[tuple[int, int]] = []
        at = _stands(first, text, 0, found)
        if at is None:
            return None
        if not rest:
            return found if at == len(text) else None
        for segment in rest[:-1]:
            after = _seek(segment, text, at, found)
            if after is None:
                return None
            at = after
        start = len(text) - _length(rest[-1])
        if start < at:
            return None
        found.append((at, start))
        return found if _stands(rest[-1], text, start, found) is not None else None


def _segments(pattern: str, key: Callable[[str], str]) -> list[Segment]:
    segments: list[list[str | None]] = [[]]
    literal: list[str] = []
    letters = iter(pattern)

    def flush() -> None:
        if literal:
            segments[-1].append(key("".join(literal)))
            literal.clear()

    for letter in letters:
        if letter == "\\":
            literal.append(next(letters, "\\"))
        elif letter == "*":
            flush()
            segments.append([])
        elif letter == "?":
            flush()
            segments[-1].append(None)
        else:
            literal.append(letter)
    flush()
    return [tuple(segment) for segment in segments]


def _length(segment: Segment) -> int:
    return sum(1 if piece is None else len(piece) for piece in segment)


def _stands(segment: Segment, text: str, at: int, found: list[tuple[int, int]]) -> int | None:
    """Does the segment stand just there? Where it ends."""
    for piece in segment:
        if piece is None:
            if at >= len(text):
                return None
            found.append((at, at + 1))
            at += 1
        elif text.startswith(piece, at):
            at += len(piece)
        else:
            return None
    return at


def _seek(segment: Segment, text: str, at: int, found: list[tuple[int, int]]) -> int | None:
    """The first place from `at` on; where it ends."""
    if not segment:
        found.append((at, at))
        return at
    start: int
    if len(segment) == 1 and segment[0] is not None:
        start = text.find(segment[0], at)
        if start < 0:
            return None
    else:
        match = wildcards(segment).search(text, at)
        if match is None:
            return None
        start = match.start()
    found.append((at, start))
    return _stands(segment, text, start, found)


def quoted(text: str) -> str:
    """The pattern that matches just this text."""
    return "".join(f"\\{letter}" if letter in "*?\\" else letter for letter in text)


def captured(text: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    """The whole, and what each wildcard stood for."""
    return [text, *(text[start:end] for start, end in spans[:MOST])]
