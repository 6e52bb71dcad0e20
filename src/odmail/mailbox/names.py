"""Mailbox names: NFC, '/' between levels, INBOX in capitals.  RFC 9051 5.1"""

import unicodedata

from odcore.errors import Fault, Kind
from odmail.mailbox.model import INBOX, SEPARATOR

_LEVEL_OCTETS = 255
_NAME_OCTETS = 1000
_FORBIDDEN = {"Cc", "Cs", "Zl", "Zp"}
"""Control characters, lone surrogates, and the two that end a line in Unicode."""


def normalize(name: str) -> str:
    """The name as the store keeps it."""
    name = unicodedata.normalize("NFC", name)
    first, slash, rest = name.partition(SEPARATOR)
    return INBOX + slash + rest if first.upper() == INBOX else name  # RFC 9051 5.1: INBOX in any case


def validate(name: str) -> str:
    """A name fit for a new mailbox, normalized; Fault BAD_REQUEST."""
    name = normalize(name)
    if any(unicodedata.category(letter) in _FORBIDDEN for letter in name):
        raise Fault(Kind.BAD_REQUEST, "A mailbox name may not hold control characters.")
    levels = name.split(SEPARATOR)
    if not all(levels):
        raise Fault(Kind.BAD_REQUEST, "A mailbox name may not hold an empty level.")
    if len(name.encode()) > _NAME_OCTETS or any(len(level.encode()) > _LEVEL_OCTETS for level in levels):
        raise Fault(Kind.BAD_REQUEST, "The mailbox name is too long.")
    return name


def parents(name: str) -> list[str]:
    """The names above, topmost first."""
    levels = name.split(SEPARATOR)
    return [SEPARATOR.join(levels[:depth]) for depth in range(1, len(levels))]


def below(name: str) -> str:
    """What names of all descendants begin with."""
    return name + SEPARATOR


def after(name: str) -> str:
    """The first name behind all descendants in order: '0' follows '/'."""
    return name + chr(ord(SEPARATOR) + 1)
