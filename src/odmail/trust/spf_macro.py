"""Macros in SPF records.  RFC 7208 7"""

import re
from collections.abc import Callable
from urllib.parse import quote

_EXPAND = re.compile(r"%(?:([%_-])|\{([A-Za-z])([0-9]*)(r?)([-.+,/_=]*)\})", re.IGNORECASE)
_LITERAL = re.compile(r"[!-$&-~]*\Z")  # visible, no %
_END = re.compile(r"\.(?=[A-Za-z0-9-]*[A-Za-z-])[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.?\Z")  # "." toplabel
_LETTERS = "slodiphv"
_ONLY_EXPLAIN = "crt"
_ESCAPES = {"%": "%", "_": " ", "-": "%20"}
_LONGEST = 253


def is_valid(text: str, explain: bool = False) -> bool:
    """Is it a macro-string? In an explanation (`explain`) spaces and three more letters are allowed."""
    letters = _LETTERS + (_ONLY_EXPLAIN if explain else "")
    for match in _EXPAND.finditer(text):
        if match[2] and (match[2].lower() not in letters or (match[3] and int(match[3][:5]) == 0)):
            return False
    rest = _EXPAND.sub("", text)
    return _LITERAL.match(rest.replace(" ", "") if explain else rest) is not None


def is_domain_spec(text: str) -> bool:
    """A macro-string that ends with a top label or a macro."""
    if not text or not is_valid(text):
        return False
    ends_with_macro = any(match.end() == len(text) and match[2] for match in _EXPAND.finditer(text))
    return ends_with_macro or _END.search(text) is not None


def expand(text: str, value: Callable[[str], str]) -> str:
    """`value` gives what a lower-case letter stands for. The text is valid."""

    def replace(match: re.Match[str]) -> str:
        if match[1]:
            return _ESCAPES[match[1]]
        found = _transformed(value(match[2].lower()), int(match[3][:5] or 0), bool(match[4]), match[5])
        return quote(found, safe="-._~") if match[2].isupper() else found

    return _EXPAND.sub(replace, text)


def shortened(domain: str) -> str:
    """At most 253 letters: labels go from the left (RFC 7208 7.3)."""
    domain = domain.removesuffix(".")
    while len(domain) > _LONGEST and "." in domain:
        domain = domain.partition(".")[2]
    return domain


def _transformed(value: str, keep: int, backwards: bool, delimiters: str) -> str:
    if not (keep or backwards or delimiters):
        return value
    parts = re.split("[" + re.escape(delimiters or ".") + "]", value)
    if backwards:
        parts.reverse()
    return ".".join(parts[-keep:] if keep else parts)
