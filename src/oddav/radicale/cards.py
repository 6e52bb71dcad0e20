"""Does a card fit a filter?  RFC 6352 10.5"""

from collections.abc import Callable, Iterable
from xml.etree.ElementTree import Element

from oddav.content import Component, Line, unescaped
from oddav.radicale import texts, xml

_TEXT = xml.name("CR:text-match")
_PARAM = xml.name("CR:param-filter")
_ABSENT = xml.name("CR:is-not-defined")


Match = Callable[[str, Element], Callable[[str], bool]]
"""A test for values, from the name of their property and the text-match."""


def by_collation(_name: str, asked: Element) -> Callable[[str], bool]:
    """Conditions supported-filter, supported-collation."""
    return texts.match(asked, "i;unicode-casemap", "CR")


def fits(card: Component, asked: Element, match: Match = by_collation) -> bool:
    """The whole `filter`."""
    return _test(asked, (_property(card, each, match) for each in asked.findall(xml.name("CR:prop-filter"))))


def _test(asked: Element, each: Iterable[bool]) -> bool:
    """anyof unless told otherwise; nothing asked fits all."""
    found = list(each)
    return all(found) if asked.get("test", "anyof") == "allof" else any(found) or not found


def _property(card: Component, asked: Element, match: Match) -> bool:
    name = property_name(asked)
    lines = list(card.all(name))
    if asked.find(_ABSENT) is not None:
        return not lines
    values = [unescaped(line.value) for line in lines]
    tests = [_texts(values, each, match(name, each)) for each in asked.findall(_TEXT)]
    tests += [_parameter(lines, each) for each in asked.findall(_PARAM)]
    return bool(lines) and _test(asked, tests)


def property_name(asked: Element) -> str:
    """Of a prop-filter, without a group."""
    return asked.get("name", "").rpartition(".")[2].upper()


def _parameter(lines: list[Line], asked: Element) -> bool:
    name = asked.get("name", "").upper()
    values = [line.params[name] for line in lines if name in line.params]
    if asked.find(_ABSENT) is not None:
        return not values
    text = asked.find(_TEXT)
    return bool(values) and (text is None or _texts(values, text, by_collation(name, text)))


def _texts(values: list[str], asked: Element, matches: Callable[[str], bool]) -> bool:
    return any(map(matches, values)) is not texts.is_negated(asked)
