"""Offices as people look for them: by any part of their names, each shown with those above it."""

import unicodedata
from collections.abc import Iterable, Mapping

import msgspec

from odcore.directory.address import fold
from odcore.directory.model import Office
from odcore.ids import AccountId

MOST = 30  # shown at once


class Place(msgspec.Struct, frozen=True):
    """An office and its way through the tree."""

    id: str
    path: str  # "Revenue › Collectorate, Khordha"
    depth: int = 0


def places(offices: Iterable[Office], language: str = "en") -> list[Place]:
    """All, each below the one it belongs to."""
    every = {office.id: office for office in offices}
    found = [_place(office, every, language) for office in every.values()]
    return sorted(found, key=lambda place: fold(place.path))


def search(offices: Iterable[Office], text: str, language: str = "en") -> list[Place]:
    """Those whose way holds every word of `text`, in any language of theirs."""
    every = {office.id: office for office in offices}
    words = _bare(text).split()
    matching = (office for office in every.values() if all(word in _names(office, every) for word in words))
    found = [_place(office, every, language) for office in matching]
    return sorted(found, key=lambda place: (place.depth, fold(place.path)))[:MOST]


def _place(office: Office, every: Mapping[AccountId, Office], language: str) -> Place:
    line = _line(office, every)
    path = " › ".join(each.names.get(language) or each.name for each in line)
    return Place(office.id, path, len(line) - 1)


def _names(office: Office, every: Mapping[AccountId, Office]) -> str:
    return _bare(" ".join(" ".join((each.ou, each.name, *each.names.values())) for each in _line(office, every)))


def _line(office: Office, every: Mapping[AccountId, Office]) -> list[Office]:
    """From the topmost down; a circle that another tool made ends."""
    line = [office]
    while (parent := every.get(line[0].parent or AccountId(""))) is not None and parent not in line:
        line.insert(0, parent)
    return line


def _bare(text: str) -> str:
    kept = (each if unicodedata.category(each)[0] in "LMN" else " " for each in fold(text))
    return " ".join("".join(kept).split())
