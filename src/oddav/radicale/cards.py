"""Does a card fit a filter?  RFC 6352 10.5"""

from collections.abc import Iterable
from xml.etree.ElementTree import Element

from oddav.content import Component, Line, components, unescaped
from oddav.radicale import texts, xml

_TEXT = xml.name("CR:text-match")
_PARAM = xml.name("CR:param-filter")
_ABSENT = xml.name("CR:is-not-defined")


def fits(octets: bytes, asked: Element) -> bool:
    """The whole `filter`. Conditions supported-filter, supported-collation."""
    card = components(octets)[0]
    return _test(asked, (_property(card, each) for each in asked.findall(xml.name("CR:prop-filter"))))


def _test(asked: Element, each: Iterable[bool]) -> bool:
    """anyof unless told otherwise; nothing asked fits all."""
    found = list(each)
    return all(found) if asked.get("test", "anyof") == "allof" else any(found) or not found


def _property(card: Component, asked: Element) -> bool:
    lines = list(card.all(asked.get("name", "").rpartition(".")[2].upper()))
    if asked.find(_ABSENT) is not None:
        return not lines
    tests = [_texts([unescaped(line.value) for line in lines], each) for each in asked.findall(_TEXT)]
    tests += [_parameter(lines, each) for each in asked.findall(_PARAM)]
    return bool(lines) and _test(asked, tests)


def _parameter(lines: list[Line], asked: Element) -> bool:
    name = asked.get("name", "").upper()
    values = [line.params[name] for line in lines if name in line.params]
    if asked.find(_ABSENT) is not None:
        return not values
    text = asked.find(_TEXT)
    return bool(values) and (text is None or _texts(values, text))


def _texts(values: list[str], asked: Element) -> bool:
    matches = texts.match(asked, "i;unicode-casemap", "CR")
    return any(map(matches, values)) is not texts.is_negated(asked)
