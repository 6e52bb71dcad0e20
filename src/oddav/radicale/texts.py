"""text-match: is a text in what somebody wrote?  RFC 4791 7.5, 9.7.5, RFC 6352 10.5.4, RFC 4790 9, RFC 5051"""

import string
from collections.abc import Callable
from xml.etree.ElementTree import Element

from oddav.contacts.searching import casemapped
from oddav.radicale.answers import forbidden

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)

_HOW: dict[str, Callable[[str, str], bool]] = {
    "equals": str.__eq__,
    "contains": str.__contains__,
    "starts-with": str.startswith,
    "ends-with": str.endswith,
}


COLLATIONS: dict[str, Callable[[str], str]] = {
    "i;ascii-casemap": lambda text: text.translate(_LOWER),
    "i;octet": lambda text: text,
    "i;unicode-casemap": casemapped,
}


def match(
    asked: Element, usual: str, prefix: str, instead: Callable[[str], str] | None = None
) -> Callable[[str], bool]:
    """A test for values, apart from `negate-condition`; `usual` is the collation where none is named.

    `instead` of a collation's folding: one that folds more.
    Conditions supported-filter, supported-collation, of the namespace that has this prefix.
    """
    collation = asked.get("collation", "default")
    how = _HOW.get(asked.get("match-type", "contains"))
    fold = COLLATIONS.get(usual if collation == "default" else collation)
    if how is None:
        raise forbidden(f"{prefix}:supported-filter")
    if fold is None:
        raise forbidden(f"{prefix}:supported-collation")
    folded = instead or fold
    wanted = folded(asked.text or "")
    return lambda value: how(folded(value), wanted)


def is_negated(asked: Element) -> bool:
    """Does it look for those that do not match?"""
    return asked.get("negate-condition") == "yes"
