"""Comparators: which letters count as equal, and which string comes first.  RFC 4790, RFC 5051, RFC 5228 2.7.3"""

import re
import unicodedata
from collections.abc import Callable

import msgspec

_UPPER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_DIGITS = re.compile(r"[0-9]{1,4000}")  # Python reads a number of so many digits in well under a millisecond
_INFINITY = float("inf")


class Comparator(msgspec.Struct, frozen=True):
    """`key` of two strings is the same when they are equal, and orders them; `parts` when substrings make sense."""

    name: str
    key: Callable[[str], str]
    order: Callable[[str], str | float | int]
    parts: bool = True


def _octet(text: str) -> str:
    return text


def _ascii_casemap(text: str) -> str:
    return text.lower() if text.isascii() else text.translate(_UPPER)


def _unicode_casemap(text: str) -> str:
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())


def _number(text: str) -> float | int:
    """RFC 4790 9.1: the digits it begins with; without any it is greater than all numbers."""
    found = _DIGITS.match(text)
    return int(found[0]) if found else _INFINITY


COMPARATORS = {
    each.name: each
    for each in (
        Comparator("i;octet", _octet, _octet),
        Comparator("i;ascii-casemap", _ascii_casemap, _ascii_casemap),
        Comparator("i;unicode-casemap", _unicode_casemap, _unicode_casemap),
        Comparator("i;ascii-numeric", lambda text: str(_number(text)), _number, parts=False),
    )
}

DEFAULT = COMPARATORS["i;ascii-casemap"]

BUILT_IN = ("i;octet", "i;ascii-casemap")
"""Need no require."""
