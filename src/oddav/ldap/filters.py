"""Does an entry fit a filter, and which texts of the index must it have then?  RFC 4511 4.5.1.7, RFC 4515"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from oddav.contacts.searching import folded
from oddav.ldap.attributes import PHOTO, Attribute, described, known
from oddav.ldap.types import All, Any, Equal, Filter, Not, Parts, Present, Undefined
from oddav.trigrams.narrow import Holds, Narrow, every, some

Values = Mapping[str, Sequence[str]]
"""Of one entry, by description."""


def holds(asked: Filter, values: Values) -> bool | None:
    """None where it cannot be told, which is not turned into a yes by a negation."""
    if isinstance(asked, All):
        return _all(holds(each, values) for each in asked.parts)
    if isinstance(asked, Any):
        return _not(_all(_not(holds(each, values)) for each in asked.parts))
    if isinstance(asked, Not):
        return _not(holds(asked.part, values))
    if isinstance(asked, Undefined):
        return None
    return _leaf(asked, values)


def narrow(asked: Filter, numbers: bool) -> Narrow | bool:
    """It may let too much through, never too little, but for this: without `numbers` not even one's own finds one."""
    if isinstance(asked, All):
        return every([narrow(each, numbers) for each in asked.parts])
    if isinstance(asked, Any):
        return some([narrow(each, numbers) for each in asked.parts])
    if isinstance(asked, Not):
        return True
    if isinstance(asked, Undefined):
        return False
    attribute, _ = known(asked.attribute)
    if attribute is None or (attribute.columns == ("private",) and not numbers):
        return False
    return True if isinstance(asked, Present) else _narrow(attribute, asked)


def _narrow(attribute: Attribute, asked: Equal | Parts) -> Narrow | bool:
    if not attribute.columns:
        return attribute.searched and bool(_test(attribute, asked)(attribute.same))
    parts = (asked.value,) if isinstance(asked, Equal) else (asked.initial, *asked.middle, asked.final)
    texts = (_folded(attribute, each) for each in parts)
    return every([Holds(attribute.columns, each) for each in texts if each])


def _leaf(asked: Equal | Parts | Present, values: Values) -> bool | None:
    attribute, _ = known(asked.attribute)
    if attribute is None or attribute.name == PHOTO:
        return None
    found = [value for each in described(asked.attribute, values) for value in values[each]]
    if isinstance(asked, Present):
        return bool(found)
    return _test(attribute, asked)(found) if attribute.searched else None


def _test(attribute: Attribute, asked: Equal | Parts) -> Callable[[Iterable[str]], bool]:
    """Has one of these values what is asked for?"""
    if isinstance(asked, Equal):
        wanted = _folded(attribute, asked.value)
        return lambda found: any(_folded(attribute, each) == wanted for each in found)
    initial, final = _folded(attribute, asked.initial), _folded(attribute, asked.final)
    middle = [_folded(attribute, each) for each in asked.middle]
    return lambda found: any(_has(_folded(attribute, each), initial, middle, final) for each in found)


def _has(text: str, initial: str, middle: Iterable[str], final: str) -> bool:
    """One after the other, none in the place of another."""
    if not text.startswith(initial):
        return False
    at = len(initial)
    for each in middle:
        found = text.find(each, at)
        if found < 0:
            return False
        at = found + len(each)
    return len(text) - at >= len(final) and text.endswith(final)


def _folded(attribute: Attribute, text: str) -> str:
    return folded("TEL" if attribute.number else "", text)


def _all(parts: Iterable[bool | None]) -> bool | None:
    """False as soon as one is; None when one of the others cannot be told."""
    outcome: bool | None = True
    for each in parts:
        if each is False:
            return False
        outcome = outcome if each else None
    return outcome


def _not(part: bool | None) -> bool | None:
    return None if part is None else not part
