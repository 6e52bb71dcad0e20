"""Messages among their parents and children, and the steps that make threads of them.  RFC 5256 3

A node is a number; what is known of it stands in lists. Most messages of a mailbox have neither parent nor child, so
nothing is made for them. Nothing here recurses: a chain of replies may be as long as the mailbox.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import msgspec

CLIMB = 1000
"""Ancestors looked at before two messages are joined; a longer line of them is not joined to what has replies."""

NOBODY = -1


class Letter(msgspec.Struct, frozen=True, gc=False):
    """What threading must know of a message."""

    uid: int
    sent: int
    subject: str
    id: str = ""
    references: tuple[str, ...] = ()
    reply: bool = False  # the subject says so


class Forest:
    """Letters (ascending by uid) and their threads: `roots`, and the `children` of those that have any.

    `letter` tells which letter a node is; NOBODY: it is only referred to.
    """

    def __init__(self, letters: Sequence[Letter]) -> None:
        self.letters = letters
        self.letter: list[int] = []
        self.children: dict[int, list[int]] = {}
        self.roots: list[int] = []
        self._rank = [0] * len(letters)  # of each letter, by sent date, then by number
        for rank, at in enumerate(sorted(range(len(letters)), key=[one.sent for one in letters].__getitem__)):
            self._rank[at] = rank

    def first(self, node: int) -> int:
        """Its letter; for a dummy that of its first child, which is one: pruning sees to that."""
        letter = self.letter[node]
        return letter if letter >= 0 else self.letter[self.children[node][0]]

    def add(self, letter: int) -> int:
        """A node for this letter, or for nobody."""
        self.letter.append(letter)
        return len(self.letter) - 1

    def grow(self, parents: Sequence[int]) -> None:
        """Steps 2 and 3: everything below its parent. Dummies without children go; those with children give way to
        them, but at the root only to one."""
        children: dict[int, list[int]] = {}
        for node, parent in enumerate(parents):
            if parent != NOBODY:
                children.setdefault(parent, []).append(node)
        roots = [node for node, parent in enumerate(parents) if parent == NOBODY]
        downwards = [node for node in roots if node in children]
        for node in downwards:  # the list grows while it is walked: parents before children
            downwards += filter(children.__contains__, children[node])
        for node in reversed(downwards):
            children[node] = [*self._kept(children[node], children, few=0)]
        self.roots = [*self._kept(roots, children, few=1)]
        self.children = children

    def _kept(self, nodes: Sequence[int], children: dict[int, list[int]], few: int) -> Iterator[int]:
        """Letters, and dummies that have more than a few children, of whom there are none below the roots."""
        for node in nodes:
            below = () if self.letter[node] >= 0 else children.get(node, ())
            if self.letter[node] >= 0 or (few and len(below) > few):
                yield node
            else:
                yield from below

    def sort(self) -> None:
        """Steps 4 and 6: siblings by sent date. A dummy, which is a root, stands where its first child would."""
        rank, letter = self._rank, self.letter
        for siblings in self.children.values():
            if len(siblings) > 1:
                siblings.sort(key=lambda node: rank[letter[node]])
        self.roots.sort(key=lambda node: rank[self.first(node)])

    def join_subjects(self) -> None:
        """Step 5: what lost its references finds its thread by the subject."""
        table: dict[str, int] = {}
        subjects = [self.letters[self.first(node)].subject for node in self.roots]
        for node, about in zip(self.roots, subjects, strict=True):  # 5.B
            if about and (about not in table or self._stands_for(node, table[about])):
                table[about] = node
        kept: list[int] = []
        for node, about in zip(self.roots, subjects, strict=True):  # 5.C
            other = table.get(about, node)
            if other == node:
                kept.append(node)
            else:
                self._merge(node, other)
        self.roots = kept

    def _stands_for(self, node: int, other: int) -> bool:
        """Is `node` the better one to find a thread by?"""
        if self.letter[other] == NOBODY:
            return False
        return self.letter[node] == NOBODY or (self._is_reply(other) and not self._is_reply(node))

    def _is_reply(self, node: int) -> bool:
        return self.letters[self.letter[node]].reply

    def _merge(self, node: int, other: int) -> None:
        """5.C: `other` is in the table, and stays at the root."""
        below = self.children.setdefault(other, [])
        if self.letter[other] == NOBODY and self.letter[node] == NOBODY:
            below += self.children[node]
        elif self.letter[other] == NOBODY or (self._is_reply(node) and not self._is_reply(other)):
            below.append(node)
        else:  # the two are siblings under a dummy, which takes the place of `other`
            moved = self.add(self.letter[other])
            self.children[moved] = below
            self.children[other], self.letter[other] = [moved, node], NOBODY


def parents(forest: Forest) -> list[int]:
    """Step 1: every message below the last one it refers to."""
    known: dict[str, int] = {}
    above: list[int] = []

    def made(letter: int, name: str = "") -> int:
        above.append(NOBODY)
        node = forest.add(letter)
        if name:
            known[name] = node
        return node

    attach = _attaching(above)
    for at, letter in enumerate(forest.letters):
        node = known.get(letter.id, NOBODY)
        if node == NOBODY:
            node = made(at, letter.id)
        elif forest.letter[node] == NOBODY:
            forest.letter[node] = at
        else:  # another message has that id
            node = made(at)
        line = [known[name] if name in known else made(NOBODY, name) for name in letter.references]
        for parent, child in pairwise(line):  # 1.A, where nothing is known yet
            if above[child] == NOBODY:
                attach(child, parent)
        last = line[-1] if line else NOBODY
        if above[node] != last:  # 1.B
            above[node] = NOBODY
            if last != NOBODY:
                attach(node, last)
    return above


def _attaching(above: list[int]) -> Callable[[int, int], None]:
    """Puts one node below another, unless that would make a ring, or takes too long to tell."""
    begets: set[int] = set()  # those that were ever a parent

    def attach(node: int, parent: int) -> None:
        if parent != node and not (node in begets and descends(parent, node)):
            above[node] = parent
            begets.add(parent)

    def descends(node: int, other: int) -> bool:
        for _ in range(CLIMB):
            if node == NOBODY:
                return False
            if node == other:
                return True
            node = above[node]
        return True

    return attach
