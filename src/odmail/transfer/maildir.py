"""Maildir: a file for each message, its flags in its name.  https://cr.yp.to/proto/maildir.html, Maildir++

A message's name up to ":2," is its own; the letters behind are its flags, small ones keywords by the list in the file
`dovecot-keywords`. The file's time of modification is when the message came.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from odmail.transfer.model import flags_of

KEYWORDS = "dovecot-keywords"
FLAGS = {"S": 1, "R": 2, "F": 4, "T": 8, "D": 16}
MOST_KEYWORDS = 26
_INFO = re.compile(r"[:;!]2,([A-Za-z]*)\Z")


def key_of(name: str) -> str:
    """Which message a file is, whatever its flags."""
    return _INFO.sub("", name)


def marks_of(name: str, keywords: Sequence[str]) -> tuple[int, tuple[str, ...]]:
    """Flags and keywords out of a file's name."""
    found = _INFO.search(name)
    letters = found[1] if found else ""
    flags = sum({FLAGS[letter] for letter in letters if letter in FLAGS})
    places = [ord(letter) - ord("a") for letter in letters if letter.islower()]
    return flags, flags_of(tuple(keywords[place] for place in places if place < len(keywords)))[1]


def info(flags: int, keywords: Sequence[int]) -> str:
    """The end of a file's name; `keywords` are places in the list."""
    letters = [letter for letter, bit in FLAGS.items() if flags & bit]
    letters += [chr(ord("a") + place) for place in keywords if place < MOST_KEYWORDS]
    return ":2," + "".join(sorted(letters))


def read_keywords(folder: Path) -> list[str]:
    """The folder's list, by place."""
    path = folder / KEYWORDS
    pairs = [line.partition(" ") for line in path.read_text("utf-8").splitlines()] if path.exists() else []
    names = {int(place): name for place, _, name in pairs if place.isdecimal() and int(place) < MOST_KEYWORDS}
    return [names.get(place, "") for place in range(max(names, default=-1) + 1)]
