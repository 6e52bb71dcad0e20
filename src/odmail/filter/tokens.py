"""The words of a message, in any script, as numbers.

Words end at white space and punctuation, never at a vowel sign: what Python calls a word letter leaves out the marks
that Odia and Hindi are written with. Runs that are too long to be words (scripts without spaces) are cut into pairs.
"""

import re
from collections.abc import Iterator
from hashlib import blake2b

from odcore.folding import normalize
from odmail.message import header, text
from odmail.message.model import Part
from odmail.message.text import Read

MOST = 400
"""Different words of a message."""

_LETTERS = 30_000
_BREAK = re.compile("[\\s!-/:-@\\[-`{-~\u0964\u0965\u00a0-\u00bf\u2000-\u206f\u3000-\u303f\ufe30-\ufe6f\uff00-\uff0f]+")
_LINK = re.compile(r"https?://([a-z0-9.-]{3,100})")
_LONGEST = 24


def of_message(root: Part, block: bytes, read: Read) -> frozenset[int]:
    """Of subject, author, link targets and text."""
    found: dict[str, None] = {}
    body = text.of_body(root, read)[:_LETTERS]
    for each in _words(normalize(header.value(block, "subject") or "")):
        found[f"subject:{each}"] = None
    for host in _LINK.findall(body):
        found[f"link:{host}"] = None
    for part in root.children:
        if part.filename:
            found[f"file:{part.filename.rpartition('.')[2].lower()}"] = None
    for each in _words(body):
        if len(found) >= MOST:
            break
        found[each] = None
    return frozenset(map(hashed, found))


def hashed(token: str) -> int:
    """A number that SQLite can hold."""
    return int.from_bytes(blake2b(token.encode("utf-8", "replace"), digest_size=7).digest(), "big")


def _words(line: str) -> Iterator[str]:
    for each in _BREAK.split(line):
        if 1 < len(each) <= _LONGEST:
            yield each
        elif len(each) > _LONGEST and not each.isascii():
            yield from (each[at : at + 2] for at in range(min(len(each), 200) - 1))
