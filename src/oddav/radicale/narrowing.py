"""What a filter of addressbook-query says to the index of the directory book.  RFC 6352 10.5

It may let too much through, never too little: each candidate's card is held against the filter itself.
"""

from xml.etree.ElementTree import Element

from oddav.book.index import COLUMNS
from oddav.book.narrow import ID, Holds, Narrow, every, some
from oddav.contacts.searching import folded
from oddav.radicale import cards, xml

_UID = "UID"
SEARCHED = frozenset({*COLUMNS, _UID})
"""Properties that can be searched; of others the book has nothing to say."""

_TEXT = xml.name("CR:text-match")


def narrow(asked: Element, numbers: bool) -> Narrow | bool:
    """The whole `filter`; `numbers`: may private numbers be found?"""
    parts = [_property(each, numbers) for each in asked.findall(xml.name("CR:prop-filter"))]
    return _joined(asked, parts)


def _property(asked: Element, numbers: bool) -> Narrow | bool:
    name = cards.property_name(asked)
    if asked.find(xml.name("CR:is-not-defined")) is not None:
        return True
    if name not in SEARCHED:
        return False
    texts = asked.findall(_TEXT)
    parts = [_text(name, each, numbers) for each in texts]
    return _joined(asked, [*parts, *([True] * (len(asked) - len(texts)))])


def _text(name: str, asked: Element, numbers: bool) -> Narrow | bool:
    wanted = folded(name, asked.text or "")
    if name == _UID:
        wanted = wanted.removeprefix("urn:uuid:")
    if not wanted or asked.get("negate-condition") == "yes":
        return True
    if name == _UID:
        return Holds((ID,), wanted)
    column = COLUMNS[name]
    return Holds((column, "private") if numbers and column == "tel" else (column,), wanted)


def _joined(asked: Element, parts: list[Narrow | bool]) -> Narrow | bool:
    if not parts:
        return True
    return every(parts) if asked.get("test", "anyof") == "allof" else some(parts)
