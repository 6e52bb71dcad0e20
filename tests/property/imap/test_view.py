"""The view against a model client that keeps its own list as responses tell it."""

import re
from array import array
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmail.imap import view as view_module
from odmail.imap.names import Place
from odmail.imap.view import View
from odmail.mailbox.api import Snapshot
from odmail.mailbox.changes import Changes, Flagged
from odmail.mailbox.model import Mailbox

steps = st.lists(
    st.tuples(st.sampled_from(["add", "remove", "flag", "sync", "quiet sync", "numbers", "uids"]), st.integers(0, 9)),
    max_size=40,
)


class World:
    """A mailbox with a memory of what happened, as the store would tell it."""

    def __init__(self) -> None:
        self.modseq = 1
        self.uidnext = 4
        self.alive = {1: 1, 2: 1, 3: 1}  # uid to modseq of its flags
        self.dead: dict[int, int] = {}  # uid to modseq of its end

    def uids(self, asked: Snapshot) -> "array[int]":
        lived = [uid for uid in self.alive if uid < asked.uidnext]
        lived += [uid for uid, end in self.dead.items() if uid < asked.uidnext and end > asked.modseq]
        lived.sort()
        least = max(asked.most, sum(uid >= asked.first for uid in lived))
        return array("I", lived[max(0, len(lived) - least) :])

    def fill(self, view: View, first: int, most: int) -> None:
        lacking = view.lacks(first, most)
        if lacking is not None:
            view.fill(self.uids(lacking))

    def changes(self, modseq: int, uidnext: int) -> Changes:
        return Changes(
            self.modseq,
            self.uidnext,
            [Flagged(uid, 0, 0, at) for uid, at in sorted(self.alive.items()) if uid >= uidnext],
            [Flagged(uid, 1, 0, at) for uid, at in sorted(self.alive.items()) if uid < uidnext and at > modseq],
            array("I", sorted(uid for uid, end in self.dead.items() if end > modseq)),
        )

    def act(self, what: str, which: int) -> None:
        self.modseq += 1
        if what == "add":
            self.alive[self.uidnext] = self.modseq
            self.uidnext += 1
        elif self.alive:
            uid = sorted(self.alive)[which % len(self.alive)]
            if what == "remove":
                del self.alive[uid]
                self.dead[uid] = self.modseq
            else:
                self.alive[uid] = self.modseq


def sync(world: World, view: View, *, expunges: bool) -> bytes:
    """What `Session.sync` does."""
    changes = world.changes(view.modseq, view.uidnext)
    if changes.first:
        world.fill(view, changes.first, 0)
    view.absorb(changes)
    said = b"".join(view.expunge()) if expunges and view.owes else b""
    if changes.added:
        said += b"* %d EXISTS\r\n" % view.exists
    return said + b"".join(view.news(changes, modseq=False))


@pytest.fixture(autouse=True, scope="module")
def _a_little_at_a_time() -> Iterator[None]:
    """Even of these small mailboxes the view knows no more than it was asked for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(view_module, "AT_ONCE", 0)
        yield


@given(steps)
def test_the_client_always_counts_as_the_server_does(todo: list[tuple[str, int]]) -> None:
    """After every report the client's list, built from responses alone, has the view's length and order."""
    world = World()
    box = Mailbox(1, "INBOX", "F1", 1, 4, 1, 3, 3, 0, 0, True, None)
    view = View(Place(SimpleNamespace(id="a"), "INBOX"), box, (), writable=True)
    client: list[int | None] = [1, 2, 3]
    for what, which in todo:
        if what == "numbers":
            world.fill(view, 1 << 32, which)
            assert all(view.uids[-which:] if which else ())
        elif what == "uids":
            world.fill(view, which, 1)
        elif "sync" in what:
            for line in sync(world, view, expunges=what == "sync").decode().splitlines():
                number, word = re.match(r"\* (\d+) (\w+)", line).groups()
                if word == "EXPUNGE":
                    del client[int(number) - 1]
                elif word == "EXISTS":
                    client += [None] * (int(number) - len(client))
                else:
                    uid = int(re.search(r"UID (\d+)", line)[1])
                    assert client[int(number) - 1] in (None, uid)
                    client[int(number) - 1] = uid
            assert view.exists == len(client)
        else:
            world.act(what, which)
    world.fill(view, 1, 0)
    assert len(view.uids) == len(client)
    assert all(view.uids)
    assert all(seen in (None, uid) for seen, uid in zip(client, view.uids, strict=True))
    sync(world, view, expunges=True)
    assert view.exists == len(world.alive)
