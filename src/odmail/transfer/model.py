"""Values of a transfer: folders, messages on their way, where they come from, what became of them."""

from collections.abc import Iterator, Set
from typing import Protocol

import msgspec

from odmail.mailbox.model import SpecialUse

SYSTEM_FLAGS = {"\\seen": 1, "\\answered": 2, "\\flagged": 4, "\\deleted": 8, "\\draft": 16}
"""As IMAP calls them, in lower case, and as the store keeps them."""


class Folder(msgspec.Struct, frozen=True):
    """A folder of a source. `name` is as we write names: levels with "/" between them."""

    name: str
    messages: int
    special_use: SpecialUse | None = None
    place: str = ""  # what the source itself calls it


class Letter(msgspec.Struct, frozen=True):
    """A message as its source holds it. `key` is its name there, which never means another message."""

    key: str
    octets: bytes
    flags: int = 0
    keywords: tuple[str, ...] = ()
    received: int | None = None  # INTERNALDATE, None where the source knows none


class Unreadable(msgspec.Struct, frozen=True):
    """A message that its source does not give."""

    key: str
    reason: str


class Source(Protocol):
    """Where mail comes from."""

    @property
    def name(self) -> str:
        """What tells this source from every other."""

    def folders(self) -> list[Folder]:
        """All of them, parents before children."""

    def letters(self, folder: Folder, known: Set[str]) -> Iterator[Letter | Unreadable]:
        """The folder's messages in their order, without those whose key is `known`."""


class Result(msgspec.Struct):
    """What became of one folder."""

    folder: str
    target: str
    found: int
    done: int = 0
    before: int = 0  # already there from an earlier run
    failed: list[str] = []


class Progress(Protocol):
    """Hears how it goes on."""

    def folder(self, result: Result) -> None:
        """One begins."""

    def moved(self, messages: int, octets: int) -> None:
        """So many more are done."""


def flags_of(names: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    """IMAP flags as the store keeps them, and the keywords among them. What no keyword can be is left out."""
    flags, keywords = 0, []
    for name in names:
        if bit := SYSTEM_FLAGS.get(name.lower()):
            flags |= bit
        elif not name.startswith("\\") and name.isascii() and name.isprintable() and not set(name) & set(' (){%*"\\]'):
            keywords.append(name)
    return flags, tuple(keywords)
