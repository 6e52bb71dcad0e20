"""Conversations: messages gathered by subject, or by what they refer to.  RFC 5256 3

What was noted of each message found when it arrived is read in batches; all that stays of it is a `Letter`. The last
answer about a mailbox is kept: threads of the same messages are the same.
"""

from array import array
from collections.abc import Callable, Sequence

import msgspec

from odmail.imap.forest import NOBODY, Forest, Letter, parents
from odmail.imap.ports import Keep
from odmail.imap.reading import Reading
from odmail.imap.sorting import keys_of, sent
from odmail.mailbox.model import Need, Rows
from odmail.message.model import Links
from odmail.message.parse import parse

_decode = msgspec.msgpack.Decoder(Links).decode


class Algorithm(msgspec.Struct, frozen=True):
    """A way of threading: the columns it needs, what it keeps of them, and what it makes of that."""

    need: Need
    read: Callable[[Rows], list[Letter]]
    gather: Callable[[Sequence[Letter]], Forest]


class Threads(msgspec.Struct, frozen=True):
    """What an algorithm made of messages: `text` has a place for each message in `order`."""

    found: "array[int]"
    order: "array[int]"
    text: bytes

    def written(self, numbers: Sequence[int]) -> bytes:
        """`* THREAD (2)(3 6 (4 23)(44 7 96))`: `numbers` say how the command counts those in `order`.  RFC 5256 4"""
        return b"* THREAD" + self.text % tuple(numbers) + b"\r\n"


def of(keep: Keep, reading: Reading, algorithm: Algorithm, found: "array[int]") -> Threads:
    """The messages found, ascending, by threads. Blocks."""
    key = ("threads", reading.account.id, reading.mailbox, algorithm.need)
    known: Threads | None = keep.get(key)
    if known is not None and known.found == found:
        return known
    letters = [letter for rows in reading.rows(found, algorithm.need) for letter in algorithm.read(rows)]
    made = woven(found, algorithm.gather(letters))
    keep.put(key, made, 8 * len(found) + len(made.text))
    return made


def read_subjects(rows: Rows) -> list[Letter]:
    """What ORDEREDSUBJECT must know."""
    return list(map(Letter, rows.uid, sent(rows), (keys.subject for keys in keys_of(rows))))


def read_references(rows: Rows) -> list[Letter]:
    """What REFERENCES must know."""
    subjects = (keys.subject for keys in keys_of(rows))
    return list(map(_read_links, rows.uid, sent(rows), subjects, rows.links))


def _read_links(uid: int, sent: int, base: str, links: bytes) -> Letter:
    if not links[0]:  # the message is older than this way to keep them
        parsed = parse(links[1:])
        return Letter(uid, sent, base, parsed.message_id, parsed.references, parsed.reply)
    known = _decode(links)
    return Letter(uid, sent, base, known.id, known.references, known.reply)


def by_subject(letters: Sequence[Letter]) -> Forest:
    """ORDEREDSUBJECT: the oldest message of a subject is the parent of all others."""
    forest = Forest(letters)
    threads: dict[str, int] = {}
    for at in sorted(range(len(letters)), key=[one.sent for one in letters].__getitem__):
        node = forest.add(at)
        root = threads.setdefault(letters[at].subject, node)
        if root == node:
            forest.roots.append(node)
        else:
            forest.children.setdefault(root, []).append(node)
    return forest


def by_references(letters: Sequence[Letter]) -> Forest:
    """REFERENCES, in the steps of the RFC."""
    forest = Forest(letters)
    forest.grow(parents(forest))  # 1, 2, 3
    forest.sort()  # 4, and what of 6 is done by then
    forest.join_subjects()  # 5
    forest.sort()  # 6
    return forest


def woven(found: "array[int]", forest: Forest) -> Threads:
    """A line of only children stands without parentheses.  RFC 5256 4"""
    words: list[bytes] = []
    order = array("I")
    for root in forest.roots:
        stack: list[int | bytes] = [b")", root, b"("]
        while stack:
            one = stack.pop()
            if isinstance(one, bytes):
                words.append(one)
                continue
            below = forest.children.get(one, ())
            if (letter := forest.letter[one]) != NOBODY:
                words.append(b"%d " if below else b"%d")
                order.append(forest.letters[letter].uid)
            several = len(below) > 1
            for child in reversed(below):
                stack += (b")", child, b"(") if several else (child,)
    return Threads(found, order, b" " + b"".join(words) if words else b"")


ALGORITHMS = {
    b"ORDEREDSUBJECT": Algorithm(Need.DATES | Need.SENT | Need.SORT, read_subjects, by_subject),
    b"REFERENCES": Algorithm(Need.DATES | Need.SENT | Need.SORT | Need.LINKS, read_references, by_references),
}
