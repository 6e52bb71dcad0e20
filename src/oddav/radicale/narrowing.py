"""What a filter of addressbook-query says to an index of texts: the directory book's or one's own.  RFC 6352 10.5

It may let too much through, never too little: each candidate's card is held against the filter itself.
"""

from collections.abc import Callable
from xml.etree.ElementTree import Element

from oddav.book.index import COLUMNS
from oddav.contacts.searching import casemapped, folded
from oddav.radicale import cards, xml
from oddav.search.index import COLUMN
from oddav.trigrams.narrow import ID, Holds, Narrow, every, some

_UID = "UID"
SEARCHED = frozenset({*COLUMNS, _UID})
"""Properties that can be searched in the directory book; of others it has nothing to say."""

_TEXT = xml.name("CR:text-match")
_UNICODE = ("", "default", "i;unicode-casemap")

_Hold = Callable[[str, Element], Narrow | bool]
"""What one text-match says of a property; True for nothing, False for what no card has."""


def narrow(asked: Element, numbers: bool) -> Narrow | bool:
    """The whole `filter`, of the directory book; `numbers`: may private numbers be found?"""

    def hold(name: str, text: Element) -> Narrow | bool:
        return _listed(name, text.text or "", numbers)

    return _filter(asked, hold, SEARCHED)


def narrow_own(asked: Element) -> Narrow | bool:
    """The same, of one's own books, whose index has all values of a card in one text."""
    return _filter(asked, _own, None)


def _listed(name: str, text: str, numbers: bool) -> Narrow | bool:
    wanted = folded(name, text)
    if name == _UID:
        wanted = wanted.removeprefix("urn:uuid:")
    if not wanted:
        return True
    if name == _UID:
        return Holds((ID,), wanted)
    column = COLUMNS[name]
    return Holds((column, "private") if numbers and column == "tel" else (column,), wanted)


def _own(_name: str, asked: Element) -> Narrow | bool:
    """By its casemap the index is in order; of other collations only ASCII stays where it was."""
    text = asked.text or ""
    if not text or not (text.isascii() or asked.get("collation", "") in _UNICODE):
        return True
    return Holds((COLUMN,), casemapped(text))


def _filter(asked: Element, hold: _Hold, known: frozenset[str] | None) -> Narrow | bool:
    return _joined(asked, [_property(each, hold, known) for each in asked.findall(xml.name("CR:prop-filter"))])


def _property(asked: Element, hold: _Hold, known: frozenset[str] | None) -> Narrow | bool:
    name = cards.property_name(asked)
    if asked.find(xml.name("CR:is-not-defined")) is not None:
        return True
    if known is not None and name not in known:
        return False
    texts = asked.findall(_TEXT)
    parts = [True if each.get("negate-condition") == "yes" else hold(name, each) for each in texts]
    return _joined(asked, [*parts, *([True] * (len(asked) - len(texts)))])


def _joined(asked: Element, parts: list[Narrow | bool]) -> Narrow | bool:
    if not parts:
        return True
    return every(parts) if asked.get("test", "anyof") == "allof" else some(parts)
