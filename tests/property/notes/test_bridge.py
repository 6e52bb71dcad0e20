"""Whatever apps do on both sides, and wherever the bridge is cut off, both sides come to show the same, and no text is
gone that nobody replaced or deleted while seeing it."""

import contextlib
import tempfile
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, rule

from odcore.ids import AccountId
from odtest.notes import Desk, apple
from odtest.store import ALICE

PICK = st.integers(0, 5)


class Cut(Exception):
    """The process is gone."""


class Failing:
    """A folder whose process ends at its n-th call: before it, or right after it."""

    def __init__(self, folder, at, before):
        self._folder, self._left, self._before = folder, at, before

    def __getattr__(self, name):
        call = getattr(self._folder, name)

        def called(*given):
            self._left -= 1
            if self._left == 0 and self._before:
                raise Cut
            told = call(*given)
            if self._left == 0:
                raise Cut
            return told

        return called


class Machine(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.desk = Desk(Path(self.folder.name))
        self.count = 0
        self.written, self.given_up = set(), set()
        self.halves = []  # messages that an edit is about to take away

    def text(self):
        self.count += 1
        self.written.add(f"text {self.count}")
        return f"text {self.count}"

    @rule()
    def write_letter(self):
        self.count += 1
        key = f"0A0B0C0D-0000-4000-8000-{self.count:012d}"
        self.desk.append(apple(key, f"N{self.count}", self.text()))

    @rule(at=PICK, half=st.booleans(), marked=st.booleans())
    def edit_letter(self, at, half, marked):
        there = [each for each in self.desk.letters() if each[0] not in self.halves]
        if not there:
            return
        uid, key, seen = there[at % len(there)]
        self.desk.append(apple(key, seen.title, self.text()))
        self.given_up.add(seen.text)
        if half:
            self.halves.append(uid)
        else:
            self.desk.expunge(uid, marked)

    @rule()
    def finish_edits(self):
        for uid in self.halves:
            self.desk.expunge(uid)
        self.halves.clear()

    @rule(at=PICK, marked=st.booleans())
    def delete_letter(self, at, marked):
        there = [each for each in self.desk.letters() if each[0] not in self.halves]
        if there:
            uid, _, seen = there[at % len(there)]
            self.given_up.add(seen.text)
            self.desk.expunge(uid, marked)

    @rule()
    def write_journal(self):
        self.count += 1
        self.desk.put(f"j{self.count}.ics", f"J{self.count}", self.text())

    @rule(at=PICK)
    def edit_journal(self, at):
        there = sorted(self.desk.journals().items())
        if there:
            href, (seen, octets) = there[at % len(there)]
            uid = octets.split(b"UID:")[1].split(b"\r\n")[0].decode()
            self.desk.put(href, seen.title, self.text(), uid)
            self.given_up.add(seen.text)

    @rule(at=PICK)
    def delete_journal(self, at):
        there = sorted(self.desk.journals().items())
        if there:
            href, (seen, _) = there[at % len(there)]
            self.desk.remove(href)
            self.given_up.add(seen.text)

    @rule(at=PICK)
    def edit_both(self, at):
        """Before either side knows."""
        self.desk.settle()
        self.edit_letter(at, half=False, marked=False)
        self.edit_journal(at)

    @rule()
    def look(self):
        self.desk.bridge().look(ALICE)

    @rule(at=st.integers(1, 4), before=st.booleans())
    def look_and_be_killed(self, at, before):
        with contextlib.suppress(Cut):
            self.desk.bridge(Failing(self.desk.folder, at, before)).look(AccountId(ALICE))

    def teardown(self):
        self.finish_edits()
        self.desk.settle()
        letters = sorted((note.title, note.text) for _, _, note in self.desk.letters())
        journals = sorted((note.title, note.text) for note, _ in self.desk.journals().values())
        assert letters == journals
        assert self.written - self.given_up <= {text for _, text in letters}
        self.desk.close()
        self.folder.cleanup()


Machine.TestCase.settings = settings(
    max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
test_both_sides_converge = Machine.TestCase
