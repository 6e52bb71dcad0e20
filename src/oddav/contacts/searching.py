"""What of a card is compared when somebody searches: the value as it is read, folded.  RFC 6352 8.3"""

import re
from unicodedata import normalize as normal

from odcore.folding import normalize
from oddav.content import Component, unescaped

_NUMBER = re.compile(r"[\d\s().+/-]*\d[\d\s().+/-]*\Z")
_BETWEEN = re.compile(r"[\s().+/-]")


def folded(name: str, text: str) -> str:
    """Of a value, and of what is sought in it: the digits of a number match however they are grouped."""
    if name == "TEL" and _NUMBER.match(text):
        return _BETWEEN.sub("", text)
    return normalize(text).strip()


_OCTETS = frozenset({"PHOTO", "LOGO", "SOUND", "KEY"})


def casemapped(text: str) -> str:
    """Compatible letters are one, and so are capitals: by Unicode's full folding.  RFC 5051"""
    return normal("NFKD", normal("NFKD", text).casefold())


def searchable(card: Component) -> str:
    """All texts of a card, for an index; its last letters, too, begin a trigram."""
    found = (unescaped(each.value) for each in card.lines if each.name not in _OCTETS)
    return "\n".join(casemapped(each) for each in found) + "\n\n"
