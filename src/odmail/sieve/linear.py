"""Regular expressions that take linear time whatever they are: the one home of RE2.  A32"""

from functools import lru_cache
from typing import Any

import re2

_MEMORY = 8 << 20


@lru_cache(maxsize=500)
def extended(pattern: str, *, folds: bool) -> Any:
    """A POSIX extended regular expression, the leftmost longest match wins. `folds`: letter case does not matter.

    Raises ValueError.
    """
    options = _options()
    options.case_sensitive = not folds
    options.posix_syntax = True
    options.longest_match = True
    options.perl_classes = True
    options.word_boundary = True
    return _compile(pattern, options)


@lru_cache(maxsize=500)
def wildcards(pieces: tuple[str | None, ...]) -> Any:
    """Literal pieces and, for None, any one letter."""
    options = _options()
    options.dot_nl = True
    return _compile("".join("(.)" if piece is None else re2.escape(piece) for piece in pieces), options)


def _options() -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    return options


def _compile(pattern: str, options: Any) -> Any:
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        raise ValueError(reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)) from None
