"""Names of accounts by the naming rules: given.family, numbered where somebody has that name already."""

import re
import unicodedata
from collections.abc import Callable, Iterable

_NUMBERED = 20
_LONGEST = 56  # leaves room for a number


def proposed(given: str, family: str) -> str:
    """The local part; "" when nothing of the name can be written in ASCII."""
    words = [_plain(word) for word in re.split(r"[\s.]+", given)]
    last = _plain(family)
    whole = next((word for word in words if len(word) > 1), "".join(words))
    return ".".join(filter(None, (whole, last)))[:_LONGEST].strip(".-")


def suggested(name: str) -> list[str]:
    """Several for one person, the usual first: given.family, initials, then numbered."""
    given, _, family = name.rpartition(" ")
    usual = proposed(given, family)
    first, _, last = usual.partition(".")
    forms = [usual, f"{first[:1]}.{last}", f"{first}.{last[:1]}", f"{last}.{first}"] if last else [usual]
    found = dict.fromkeys(each for each in forms if len(each.replace(".", "")) > 1)
    return [*found, *(f"{usual}{number}" for number in range(2, _NUMBERED) if usual)]


def numbered(wanted: Iterable[str], taken: Callable[[set[str]], set[str]]) -> list[str]:
    """Each with the first number that is free: asks `taken` for many at once, round after round."""
    names = list(wanted)
    result = list(names)
    numbers = [1] * len(names)
    used: dict[str, int] = {}
    known: set[str] = set()
    fresh = set(names)
    while fresh:
        known |= taken(fresh)
        fresh = set()
        used.clear()
        for at, name in enumerate(names):
            while result[at] in known or result[at] in used:
                numbers[at] += 1
                result[at] = f"{name}{numbers[at]}"
                fresh.add(result[at])
            used[result[at]] = at
    return result


def _plain(word: str) -> str:
    """ASCII letters and dashes, accents taken off."""
    bare = unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z-]", "", bare).strip("-")
