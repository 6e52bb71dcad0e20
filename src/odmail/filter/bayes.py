"""Is it wanted, judging by its words and its sender? Robinson's chances, put together by Fisher's method."""

import math
from collections.abc import Iterable

from odmail.filter import tokens
from odmail.filter.memory import Counts

LEAST = 10
"""Messages of either kind a scope must have learned from before it says anything."""

_MOST = 150  # words that count: those that say most
_STRENGTH, _UNKNOWN = 0.45, 0.5
_DULL = 0.1  # a word nearer to the middle than this says nothing


def chance(counts: Counts, words: Iterable[int]) -> float:
    """0 wanted ... 1 unwanted, 0.5 for "cannot tell"."""
    strong = sorted((each for each in (_of_word(counts, word) for word in words) if each is not None), key=_dullness)
    chances = strong[:_MOST]
    if not chances:
        return 0.5
    unwanted = _fisher([1 - each for each in chances])
    wanted = _fisher(chances)
    return (1 + wanted - unwanted) / 2


def score(chance: float) -> float:
    """As points: nothing in the middle, where words are no proof."""
    if chance >= 0.995:
        return 4.5
    if chance >= 0.95:
        return 3.0
    if chance >= 0.8:
        return 1.0
    return -1.5 if chance <= 0.05 else 0.0


def names(author: str, domains: Iterable[str], *, aligned: bool) -> list[int]:
    """A sender as numbers. An author nobody vouches for has a reputation of their own: it may be somebody else."""
    found = [tokens.hashed(f"{'author' if aligned else 'claimed'}:{author.lower()}")] if author else []
    return found + [tokens.hashed(f"vouching:{domain}") for domain in domains]


def _of_word(counts: Counts, word: int) -> float | None:
    """Robinson's f(w); None for a word that says nothing."""
    wanted, unwanted = counts.features.get(word, (0, 0))
    seen = wanted + unwanted
    if not seen:
        return None
    bad, good = min(1.0, unwanted / counts.unwanted), min(1.0, wanted / counts.wanted)
    plain = bad / (bad + good) if bad + good else _UNKNOWN
    found = (_STRENGTH * _UNKNOWN + seen * plain) / (_STRENGTH + seen)
    return found if abs(found - 0.5) >= _DULL else None


def _dullness(chance: float) -> float:
    return -abs(chance - 0.5)


def _fisher(chances: list[float]) -> float:
    """How likely chances as low as these are by accident: the inverse chi-square of their product."""
    half = -sum(math.log(max(each, 1e-9)) for each in chances)
    term = total = math.exp(-half)
    for step in range(1, len(chances)):
        term *= half / step
        total += term
    return min(total, 1.0)
