"""One account with several readers behaves as a simple model of it, and its invariants hold after every step."""

import tempfile
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from odmail.mailbox.api import (
    Append,
    CreateMailbox,
    Expunge,
    RenameMailbox,
    Search,
    Since,
    Snapshot,
    StoreFlags,
    Transfer,
)
from odmail.mailbox.check import check
from odmail.mailbox.model import Flag, Need
from odmail.mailbox.search import HasFlags
from odtest.store import ALICE, BOB, CLERK, Shelf, letter, new, rows

NAMES = ["INBOX", "a", "b", "a/c"]
READERS = ["", BOB, CLERK]
FLAGS = st.sets(st.sampled_from(list(Flag))).map(lambda flags: sum(flags))
KEYWORDS = st.lists(st.sampled_from(["work", "Later", "$Junk"]), max_size=2, unique=True).map(tuple)
RANGES = st.lists(st.tuples(st.integers(1, 12), st.integers(0, 4)), min_size=1, max_size=3).map(
    lambda pairs: [(first, first + length) for first, length in pairs]
)


class Message:
    """A message in the model; `seen` holds the readers who have seen it, "" being the owner."""

    def __init__(self, octets, flags, words, seen):
        self.octets, self.flags, self.words, self.seen = octets, flags, frozenset(words), set(seen)

    def copy(self):
        return Message(self.octets, self.flags, self.words, self.seen)

    def flags_for(self, reader):
        return self.flags | (Flag.SEEN if reader in self.seen else 0)


class Box:
    def __init__(self):
        self.uidnext, self.messages = 1, {}

    def add(self, message):
        self.messages[self.uidnext] = message
        self.uidnext += 1
        return self.uidnext - 1

    def among(self, ranges):
        return [uid for uid in sorted(self.messages) if any(first <= uid <= last for first, last in ranges)]


class View:
    """A session: what it believes the mailbox holds, kept up to date by changes alone."""

    def __init__(self, account, name, reader):
        self.reader, box = reader, account.mailbox(name, reader)
        self.id, self.modseq, self.uidnext = box.id, box.highestmodseq, box.uidnext
        self.snapshot = Snapshot(box.id, box.uidnext, box.highestmodseq)
        self.uids = list(account.uids(self.snapshot))
        self.first = list(self.uids)
        self.flags = {row.uid: (row.flags, row.keywords) for row in rows(account, name, reader=reader)}

    def update(self, account):
        changes = account.changes(Since(self.id, self.modseq, self.uidnext, self.reader))
        assert changes.modseq >= self.modseq
        for one in [*changes.flagged, *changes.added]:
            self.flags[one.uid] = (one.flags, one.keywords)
        for uid in changes.removed:
            del self.flags[uid]
        self.modseq, self.uidnext = changes.modseq, changes.uidnext


class AccountMachine(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.folder = tempfile.TemporaryDirectory()
        self.shelf = Shelf(Path(self.folder.name))
        self.account = self.shelf.open(ALICE)
        self.boxes = {"INBOX": Box()}
        self.views = []
        self.highest = {}
        self.created = 0
        for name in NAMES[1:]:
            self.account.create(CreateMailbox(name))
            self.boxes[name] = Box()

    def teardown(self):
        if hasattr(self, "shelf"):
            self.shelf.store.close()
            self.folder.cleanup()

    def id(self, name):
        return self.account.mailbox(name).id

    @rule(
        name=st.sampled_from(NAMES),
        count=st.integers(1, 3),
        flags=FLAGS,
        words=KEYWORDS,
        reader=st.sampled_from(READERS),
        large=st.booleans(),
    )
    def append(self, name, count, flags, words, reader, large):
        self.created += 1
        octets = letter(f"number {self.created}", "y" * 70_000 if large else "short")
        done = self.account.append(
            Append(name, [new(octets, flags=flags, keywords=words) for _ in range(count)], reader)
        )
        seen = {reader} if flags & Flag.SEEN else ()
        words = {word.lower() for word in words}
        uids = [self.boxes[name].add(Message(octets, flags & ~Flag.SEEN, words, seen)) for _ in range(count)]
        assert done.uids == uids

    @rule(
        name=st.sampled_from(NAMES),
        ranges=RANGES,
        mode=st.sampled_from(["set", "add", "remove"]),
        flags=FLAGS,
        words=KEYWORDS,
        reader=st.sampled_from(READERS),
    )
    def store(self, name, ranges, mode, flags, words, reader):
        box, bare = self.boxes[name], flags & ~Flag.SEEN
        stored = self.account.store(StoreFlags(self.id(name), ranges, mode, flags, words, reader=reader))
        words = frozenset(word.lower() for word in words)
        for uid in box.among(ranges):
            message = box.messages[uid]
            if mode == "set":
                message.flags, message.words = bare, words
                (message.seen.add if flags & Flag.SEEN else message.seen.discard)(reader)
            elif mode == "add":
                message.flags, message.words = message.flags | bare, message.words | words
                message.seen |= {reader} if flags & Flag.SEEN else set()
            else:
                message.flags, message.words = message.flags & ~bare, message.words - words
                message.seen -= {reader} if flags & Flag.SEEN else set()
        assert [(row.uid, row.flags) for row in stored.rows] == [
            (uid, box.messages[uid].flags_for(reader)) for uid in box.among(ranges)
        ]

    @rule(source=st.sampled_from(NAMES), goal=st.sampled_from(NAMES), ranges=RANGES)
    def copy(self, source, goal, ranges):
        done = self.account.copy(Transfer(self.id(source), ranges, goal))
        uids = self.boxes[source].among(ranges)
        copies = [self.boxes[source].messages[uid].copy() for uid in uids]
        assert (done.source, done.target) == (uids, [self.boxes[goal].add(message) for message in copies])

    @rule(source=st.sampled_from(NAMES), goal=st.sampled_from(NAMES), ranges=RANGES)
    def move(self, source, goal, ranges):
        done = self.account.move(Transfer(self.id(source), ranges, goal))
        uids = self.boxes[source].among(ranges)
        moved = [self.boxes[source].messages.pop(uid) for uid in uids]
        assert (done.source, done.target) == (uids, [self.boxes[goal].add(message) for message in moved])

    @rule(name=st.sampled_from(NAMES), ranges=st.none() | RANGES)
    def expunge(self, name, ranges):
        box = self.boxes[name]
        chosen = sorted(box.messages) if ranges is None else box.among(ranges)
        gone = [uid for uid in chosen if box.messages[uid].flags & Flag.DELETED]
        assert list(self.account.expunge(Expunge(self.id(name), ranges)).uids) == gone
        for uid in gone:
            del box.messages[uid]

    @rule()
    def give_away_inbox(self):
        self.created += 1
        name = f"old inbox {self.created}"
        self.account.rename(RenameMailbox("inbox", name))
        target = self.boxes[name] = Box()
        for uid in sorted(self.boxes["INBOX"].messages):
            target.add(self.boxes["INBOX"].messages.pop(uid))

    @rule()
    def keep_house(self):
        self.account.index_pending()
        while self.account.purge():
            pass

    @rule(name=st.sampled_from(NAMES), reader=st.sampled_from(READERS))
    def select(self, name, reader):
        self.views.append((name, View(self.account, name, reader)))
        assert self.views[-1][1].uids == sorted(self.boxes[name].messages)

    @rule(
        name=st.sampled_from(NAMES), flag=st.sampled_from(list(Flag)), on=st.booleans(), reader=st.sampled_from(READERS)
    )
    def search(self, name, flag, on, reader):
        found = self.account.search(Search(self.id(name), HasFlags(flag, on), reader)).uids
        messages = sorted(self.boxes[name].messages.items())
        assert list(found) == [uid for uid, one in messages if bool(one.flags_for(reader) & flag) is on]

    @precondition(lambda self: self.views)
    @rule(which=st.integers(0, 99))
    def update_a_view(self, which):
        name, view = self.views[which % len(self.views)]
        view.update(self.account)
        words = [word.lower() for word in self.account.keywords()]
        told = {
            uid: (flags, {word for bit, word in enumerate(words) if bits >> bit & 1})
            for uid, (flags, bits) in view.flags.items()
        }
        messages = self.boxes[name].messages
        assert told == {uid: (one.flags_for(view.reader), one.words) for uid, one in messages.items()}
        assert list(self.account.uids(view.snapshot)) == view.first

    @invariant()
    def store_and_model_agree(self):
        if not hasattr(self, "account"):
            return
        for name, box in self.boxes.items():
            found = rows(self.account, name, Need.BODY)
            assert [(row.uid, row.flags, row.body.read()) for row in found] == [
                (uid, one.flags_for(""), one.octets) for uid, one in sorted(box.messages.items())
            ]
            for reader in READERS:
                status = self.account.mailbox(name, reader)
                unseen = sum(reader not in one.seen for one in box.messages.values())
                assert (status.exists, status.unseen, status.uidnext) == (len(box.messages), unseen, box.uidnext)
            assert status.highestmodseq >= self.highest.get(name, 0)
            self.highest[name] = status.highestmodseq
        assert check(self.account, octets=True) == []


AccountMachine.TestCase.settings = settings(
    max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestAccount = AccountMachine.TestCase
