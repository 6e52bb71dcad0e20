"""Where notes meet: journals of a calendar collection and the mailbox of Apple Notes. Neither family knows the other.

Both faces tell a note in one form, so that they can be compared: what one writes and the other reads is the same note.
"""

import re
import uuid
from collections.abc import Sequence
from hashlib import blake2b
from typing import Protocol

import msgspec

from odcore.ids import AccountId

LONGEST = 1 << 20
"""Octets of a note's text in either form; what is longer stays where it is."""

_LONGEST_TITLE = 250
_SPACE = uuid.UUID("0b7f5d0a-6f43-4d0c-9a53-9d5b3d6c1f5e")
_ODD = re.compile("[\x00-\x09\x0b-\x1f\x7f\x80-\x9f\xa0\u2028\u2029\ufeff\ufffe\uffff]")
"""White space of other kinds, and what neither form can hold."""


class Note(msgspec.Struct, frozen=True):
    """A title and lines of text. Times are seconds since 1970, 0 where nobody told."""

    title: str
    text: str
    created: int = 0
    modified: int = 0

    @property
    def digest(self) -> str:
        """Of what people see."""
        return blake2b(f"{self.title}\0{self.text}".encode(), digest_size=16).hexdigest()


class Mark(msgspec.Struct, frozen=True):
    """How far a mailbox has been read."""

    mailbox: int = 0
    modseq: int = 0
    uidnext: int = 1


class Look(msgspec.Struct, frozen=True):
    """What happened in the mailbox since a mark."""

    mark: Mark
    afresh: bool  # another mailbox than the mark's: nothing is known of it
    found: dict[int, str]  # notes by uid, each with its key
    gone: Sequence[tuple[int, int]]  # ranges of uids that are no notes any more
    more: bool  # cut short: go on from `mark`


class Letter(msgspec.Struct, frozen=True):
    """A note that is to lie in the mailbox, in place of the one with `uid` if there is one."""

    mark: Mark
    key: str
    note: Note
    uid: int = 0


class Folder(Protocol):
    """The notes in accounts' mailboxes. All methods block."""

    def box(self, account: AccountId) -> tuple[int, bool]:
        """The mailbox, -1 where there is none; was there ever a message in it?"""

    def look(self, account: AccountId, mark: Mark) -> Look | None:
        """None where the account has no such mailbox."""

    def read(self, account: AccountId, mailbox: int, uid: int) -> Note | None:
        """None when it is gone."""

    def put(self, account: AccountId, letter: Letter) -> Mark:
        """The mark with the letter behind it.

        Faults CONFLICT, EXPUNGED: something has arrived or gone since `letter.mark`; OVER_QUOTA.
        """

    def remove(self, account: AccountId, mailbox: int, uid: int) -> None:
        """Into Trash. One that is gone is no error."""


def key_of(name: str) -> str:
    """A UUID in capitals as it is, anything else as the UUID that always stands for it."""
    try:
        return str(uuid.UUID(name.strip())).upper()
    except ValueError:
        return str(uuid.uuid5(_SPACE, name.encode("utf-8", "replace").decode())).upper()


def note(title: str, text: str, created: int = 0, modified: int = 0) -> Note:
    """In the form both faces agree on. Apple Notes calls a note by its first line and begins its text with it again."""
    lines = [_clean(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    title = " ".join(_clean(title.replace("\n", " ")).split())
    _strip(lines)
    if not title and lines:
        title = " ".join(lines[0].split())
    if len(title) > _LONGEST_TITLE:
        if not lines or " ".join(lines[0].split()) != title:
            lines.insert(0, title)
        title = title[:_LONGEST_TITLE].rstrip()
    while lines and " ".join(lines[0].split()) == title:
        lines.pop(0)
        _strip(lines)
    return Note(title, "\n".join(lines), created, modified)


def _clean(line: str) -> str:
    return _ODD.sub(" ", line.replace("\t", "    ")).encode("utf-8", "replace").decode().rstrip()


def _strip(lines: list[str]) -> None:
    """No empty lines before and after."""
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
