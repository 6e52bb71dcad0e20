"""Conversations: messages gathered by subject, or by what they refer to.  RFC 5256 3

REFERENCES reads what was noted of each message found when it arrived; all that stays of it is a `Letter`. Nothing here
recurses, so a chain of replies may be as long as the mailbox.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

import msgspec

from odmail.imap.sorting import keys_of, sent
from odmail.mailbox.model import Need, Rows
from odmail.message import header, subject, thread
from odmail.message.model import Links

CLIMB = 1000
"""Ancestors looked at before two messages are joined; a longer line of them is not joined to what has replies."""

_FIELDS = (b"message-id", b"references", b"in-reply-to", b"subject")


_decode = msgspec.msgpack.Decoder(Links).decode


class Letter(msgspec.Struct, frozen=True, gc=False):
    """What threading must know of a message."""

    uid: int
    sent: int
    subject: str
    id: str = ""
    references: tuple[str, ...] = ()
    reply: bool = False  # the subject says so


class Node:
    """A message among its parent and children, or (letter None) one that is only referred to."""

    __slots__ = ("begets", "children", "letter", "parent")

    def __init__(self, letter: Letter | None = None) -> None:
        self.letter = letter
        self.parent: Node | None = None
        self.begets = False  # was it ever a parent? `children` are known only once all is linked
        self.children: list[Node] = []

    @property
    def first(self) -> Letter:
        """The message itself; for a dummy its first child, which is one: pruning sees to that."""
        return self.letter or self.children[0].first

    @property
    def place(self) -> tuple[int, int]:
        """By sent date, then by number."""
        return self.first.sent, self.first.uid

    def attach(self, parent: "Node") -> None:
        """Below `parent`, unless that would make a ring, or takes too long to tell."""
        if parent is not self and not (self.begets and parent.descends_from(self)):
            self.parent = parent
            parent.begets = True

    def descends_from(self, other: "Node") -> bool:
        """Is `other` above it, or too far away to see?"""
        node: Node | None = self
        for _ in range(CLIMB):
            if node is None:
                return False
            if node is other:
                return True
            node = node.parent
        return True


class Algorithm(msgspec.Struct, frozen=True):
    """A way of threading: the columns it needs, what it keeps of them, and what it makes of that."""

    need: Need
    read: Callable[[Rows], list[Letter]]
    gather: Callable[[Sequence[Letter]], list[Node]]


def read_subjects(rows: Rows) -> list[Letter]:
    """What ORDEREDSUBJECT must know."""
    return list(map(Letter, rows.uid, sent(rows), (keys.subject for keys in keys_of(rows))))


def read_references(rows: Rows) -> list[Letter]:
    """What REFERENCES must know."""
    subjects = (keys.subject for keys in keys_of(rows))
    return list(map(_read_links, rows.uid, sent(rows), subjects, rows.links))


def _read_links(uid: int, sent: int, base: str, links: bytes) -> Letter:
    if links.startswith(b"\0"):  # the message is older than this way to keep them
        return _read_header(uid, sent, base, links[1:])
    known = _decode(links)
    return Letter(uid, sent, base, known.id, known.references, known.reply)


def _read_header(uid: int, sent: int, base: str, block: bytes) -> Letter:
    fields = header.index(block, _FIELDS)
    return Letter(
        uid,
        sent,
        base,
        thread.message_id(fields.get(b"message-id", b"")),
        thread.references(fields),
        subject.is_reply(fields.get(b"subject", b"")),
    )


def by_subject(letters: Sequence[Letter]) -> list[Node]:
    """ORDEREDSUBJECT: the oldest message of a subject is the parent of all others."""
    threads: dict[str, Node] = {}
    for letter in sorted(letters, key=lambda one: (one.sent, one.uid)):
        root = threads.get(letter.subject)
        if root is None:
            threads[letter.subject] = Node(letter)
        else:
            root.children.append(Node(letter))
    return list(threads.values())


def by_references(letters: Sequence[Letter]) -> list[Node]:
    """REFERENCES, in the steps of the RFC."""
    nodes = _linked(letters)  # 1
    root = Node()
    for node in nodes:  # 2
        (node.parent or root).children.append(node)
    _prune(root)  # 3
    _sort(root)  # 4, and what of 6 is done by then
    _join_subjects(root)  # 5
    _sort(root)  # 6
    return root.children


def _linked(letters: Sequence[Letter]) -> list[Node]:
    """Step 1: every message below the last one it refers to."""
    known: dict[str, Node] = {}
    nodes: list[Node] = []

    def named(name: str) -> Node:
        node = known.get(name)
        if node is None:
            node = known[name] = Node()
            nodes.append(node)
        return node

    for letter in letters:
        node = named(letter.id) if letter.id else None
        if node is None or node.letter is not None:  # no id, or one that another message has
            node = Node()
            nodes.append(node)
        node.letter = letter
        _link(node, [named(one) for one in letter.references])
    return nodes


def _link(node: Node, line: list[Node]) -> None:
    """1.A: the line of references, where nothing is known yet; 1.B: the message below the last of them."""
    for parent, child in pairwise(line):
        if child.parent is None:
            child.attach(parent)
    last = line[-1] if line else None
    if node.parent is not last:
        node.parent = None
        if last is not None:
            node.attach(last)


def _downwards(root: Node) -> list[Node]:
    """All nodes below `root`, parents before children."""
    found = list(root.children)
    for node in found:
        found += node.children  # the list grows while it is walked
    return found


def _prune(root: Node) -> None:
    """Step 3: dummies without children go; those with children give way to them, but under the root only to one."""
    for node in reversed([root, *_downwards(root)]):
        kept: list[Node] = []
        for child in node.children:
            if child.letter is not None or (node is root and len(child.children) > 1):
                kept.append(child)
            else:
                kept += child.children
        node.children = kept


def _sort(root: Node) -> None:
    """Steps 4 and 6: siblings by sent date, from the leaves upwards: a dummy stands where its first child would."""
    for node in reversed([root, *_downwards(root)]):
        if len(node.children) > 1:
            node.children.sort(key=lambda one: one.place)


def _join_subjects(root: Node) -> None:
    """Step 5: what lost its references finds its thread by the subject."""
    table: dict[str, Node] = {}
    for node in root.children:  # 5.B
        about = node.first.subject
        if about and (about not in table or _stands_for(node, table[about])):
            table[about] = node
    kept: list[Node] = []
    for node in root.children:  # 5.C
        other = table.get(node.first.subject, node)
        if other is node:
            kept.append(node)
        else:
            _merge(node, other)
    root.children = kept


def _stands_for(node: Node, other: Node) -> bool:
    """Is `node` the better one to find a thread by?"""
    if other.letter is None:
        return False
    return node.letter is None or (other.letter.reply and not node.letter.reply)


def _merge(node: Node, other: Node) -> None:
    """5.C: `other` is in the table, and stays at the root."""
    if other.letter is None and node.letter is None:
        other.children += node.children
    elif other.letter is None or (node.letter is not None and node.letter.reply and not other.letter.reply):
        other.children.append(node)
    else:  # the two are siblings under a dummy, which takes the place of `other`
        moved = Node(other.letter)
        moved.children, other.children, other.letter = other.children, [moved, node], None


def write(roots: Iterable[Node], names: Mapping[int, int]) -> bytes:
    """`* THREAD (2)(3 6 (4 23)(44 7 96))`: a line of only children without parentheses.  RFC 5256 4"""
    words: list[bytes] = []
    stack: list[Node | bytes] = [*reversed([part for root in roots for part in (b"(", root, b")")])]
    while stack:
        one = stack.pop()
        if isinstance(one, bytes):
            words.append(one)
            continue
        if one.letter is not None:
            words.append(b"%d" % names[one.letter.uid])
        several = len(one.children) > 1
        if one.children and one.letter is not None:
            words.append(b" ")
        for child in reversed(one.children):
            stack += (b")", child, b"(") if several else (child,)
    return b"* THREAD%b\r\n" % (b" " + b"".join(words) if words else b"")


ALGORITHMS = {
    b"ORDEREDSUBJECT": Algorithm(Need.DATES | Need.SENT | Need.SORT, read_subjects, by_subject),
    b"REFERENCES": Algorithm(Need.DATES | Need.SENT | Need.SORT | Need.LINKS, read_references, by_references),
}
