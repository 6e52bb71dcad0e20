"""What a filter says about the texts of a card, and which rows can fit: the others are never looked at."""

from collections.abc import Callable

import msgspec

from odcore.folding import trigrams

_TRIGRAMS = 64
"""More of them would hardly narrow further."""


_NEVER = "\n\n\n"
"""In no text."""

ID = "id"
"""A column that is not in the index of texts."""


class Holds(msgspec.Struct, frozen=True):
    """One of these columns has the text somewhere; `text` is folded."""

    columns: tuple[str, ...]
    text: str


class All(msgspec.Struct, frozen=True):
    """Each part."""

    parts: tuple["Narrow", ...]


class Any(msgspec.Struct, frozen=True):
    """At least one part."""

    parts: tuple["Narrow", ...]


Narrow = Holds | All | Any


def every(parts: list[Narrow | bool]) -> Narrow | bool:
    """True says nothing, False fits nothing."""
    if False in parts:
        return False
    told = tuple(each for each in parts if not isinstance(each, bool))
    return All(told) if told else True


def some(parts: list[Narrow | bool]) -> Narrow | bool:
    """True as soon as one part says nothing."""
    if True in parts:
        return True
    told = tuple(each for each in parts if not isinstance(each, bool))
    return Any(told) if told else False


def matching(narrow: Narrow, beginning: Callable[[str], list[str] | None]) -> str | None:
    """As a query of the index; None where it has nothing to say.

    Of a text too short for the index, `beginning` tells the trigrams that begin with it.
    """
    if isinstance(narrow, Holds):
        if ID in narrow.columns:
            return None
        found: list[str] | None = sorted(trigrams(narrow.text))[:_TRIGRAMS]
        word = " AND "
        if not found:
            found, word = beginning(narrow.text), " OR "
        if found is None:
            return None
        quoted = word.join('"' + each.replace('"', '""') + '"' for each in found or [_NEVER])
        return f"{{{' '.join(narrow.columns)}}} : ({quoted})"
    parts = [matching(each, beginning) for each in narrow.parts]
    if isinstance(narrow, Any):
        return None if None in parts else _joined(parts, " OR ")
    return _joined([each for each in parts if each is not None], " AND ")


def scanning(narrow: Narrow, texts: list[str]) -> str:
    """As a condition on rows; what it compares with is added to `texts`, by position."""
    if isinstance(narrow, Holds):
        texts += [narrow.text] * len(narrow.columns)
        return "(" + " OR ".join(f"instr({column}, ?)" for column in narrow.columns) + ")"
    word = " OR " if isinstance(narrow, Any) else " AND "
    return "(" + word.join(scanning(each, texts) for each in narrow.parts) + ")"


def _joined(parts: list[str | None], word: str) -> str | None:
    return word.join(f"({each})" for each in parts) or None
