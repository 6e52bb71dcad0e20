"""Flags as scripts write them: lists of words with a backslash for the system's own.  RFC 5232 2"""

import re
from collections.abc import Callable, Iterable

from odmail.sieve.run import Run
from odmail.sieve.use import Use

_SYSTEM = {name.lower(): name for name in ("\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft")}
_KEYWORD = re.compile(r'[^\x00-\x20\x7f-\U0010ffff(){%*"\\\]]{1,255}')
_MOST = 100


def words(texts: Iterable[str]) -> tuple[str, ...]:
    """Each flag once, whatever its case; what is no flag is left out.  RFC 5232 2"""
    found: dict[str, str] = {}
    for text in texts:
        for word in text.split():
            name = _SYSTEM.get(word.lower()) or (word if _KEYWORD.fullmatch(word) else "")
            if name and len(found) < _MOST:
                found.setdefault(name.lower(), name)
    return tuple(found.values())


def chosen_flags(use: Use) -> Callable[[Run], tuple[str, ...]]:
    """`:flags`, else what `setflag` and its kin have gathered.  RFC 5232 5"""
    if not use.has("flags"):
        return lambda run: run.flags
    given = use.tag_texts("flags")
    return lambda run: words(given(run))


def no_flags(run: Run) -> tuple[str, ...]:
    """None at all."""
    return ()
