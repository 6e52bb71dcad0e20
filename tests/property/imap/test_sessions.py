"""Commands of several sessions in any order: what each client knows from responses alone is what a simple model says.

Two clients count messages, the third knows QRESYNC. All look into the same two mailboxes.
"""

import re
import tempfile
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from odmail.mailbox.check import check
from odtest.house import SASMITA, TestHouse
from odtest.talk import Talk

NAMES = ("INBOX", "Archive")
WORDS = st.sets(st.sampled_from(["\\Seen", "\\Flagged", "\\Deleted", "Urgent"]), min_size=1)
WHO, WHICH = st.integers(0, 2), st.lists(st.integers(0, 9), min_size=1, max_size=3)
_LINE = re.compile(r"\* (\d+) (EXISTS|EXPUNGE|FETCH)(.*)|\* VANISHED (?:\(EARLIER\) )?(\S+)")


class Message:
    """`version` counts its changes."""

    def __init__(self, flags: frozenset[str]) -> None:
        self.flags, self.version = flags, 0

    def change(self, flags: frozenset[str]) -> None:
        self.version += flags != self.flags
        self.flags = flags


class Box:
    """What is true of a mailbox."""

    def __init__(self) -> None:
        self.uidnext, self.messages = 1, dict[int, Message]()

    def add(self, flags: frozenset[str]) -> int:
        self.messages[self.uidnext] = Message(flags)
        self.uidnext += 1
        return self.uidnext - 1


class Known:
    """What a client knows of a message; nothing yet where there is no uid."""

    uid, flags, modseq, version = 0, frozenset[str](), 0, -1


class Client:
    """A session, and what it was told of the mailbox it has selected."""

    def __init__(self, folder: Path, world: TestHouse, qresync: bool) -> None:
        self.talk, self.qresync = Talk(folder, world), qresync
        self.name, self.list, self.point = "", list[Known](), {}
        if qresync:
            self.talk.say(b"ENABLE QRESYNC")

    def say(self, command: str, box: Box) -> str:
        """The tagged answer; the others are learned."""
        said = self.talk.say(command.encode()).decode()
        *lines, tagged, _ = said.split("\r\n")
        for line in lines:
            self._hear(line, box)
        assert " OK" in tagged, (command, said)
        return tagged

    def _hear(self, line: str, box: Box) -> None:
        found = _LINE.match(line)
        if found is None:
            return
        if found[4]:
            gone = set(numbers(found[4]))
            new = len(gone.difference(each.uid for each in self.list))  # of which it knows only that they came
            kept = [each for each in self.list if each.uid not in gone]
            self.list = kept[: len(kept) - new]
            assert not any(each.uid for each in kept[len(kept) - new :])
        elif found[2] == "EXISTS":
            self.list += [Known() for _ in range(int(found[1]) - len(self.list))]
        elif found[2] == "EXPUNGE":
            assert not self.qresync
            del self.list[int(found[1]) - 1]
        else:
            self._fetched(self.list[int(found[1]) - 1], found[3], box)

    def _fetched(self, known: Known, said: str, box: Box) -> None:
        uid, modseq = re.search(r"UID (\d+)", said), re.search(r"MODSEQ \((\d+)\)", said)
        if uid:
            assert known.uid in (0, int(uid[1]))
            known.uid = int(uid[1])
        if modseq:
            assert int(modseq[1]) >= known.modseq
            known.modseq = int(modseq[1])
            known.version = box.messages[known.uid].version if known.uid in box.messages else -1
        if "FLAGS" in said:
            known.flags = frozenset(re.search(r"FLAGS \((.*?)\)", said)[1].split()) - {"\\Recent"}

    def select(self, name: str, box: Box) -> None:
        """Anew, or from where it left this mailbox."""
        if self.name:
            self.point[self.name] = (self.highest, [each for each in self.list if each.uid])
            self.say("UNSELECT", box)
        modseq, before = self.point.get(name, (0, []))
        self.name, self.list = name, []
        if not (self.qresync and modseq):
            self.say(f"SELECT {name}", box)
            return
        validity = re.search(r"UIDVALIDITY (\d+)", self.talk.say(f"STATUS {name} (UIDVALIDITY)".encode()).decode())[1]
        said = self.talk.say(f"SELECT {name} (QRESYNC ({validity} {modseq}))".encode()).decode().split("\r\n")
        gone = {uid for line in said if "VANISHED" in line for uid in numbers(line.split()[-1])}
        self.list = [each for each in before if each.uid not in gone]
        for line in said:
            if "VANISHED" not in line:
                self._hear(line, box)

    @property
    def highest(self) -> int:
        return max((each.modseq for each in self.list), default=0)

    def learn(self, box: Box) -> None:
        """All there is."""
        self.say("NOOP", box)
        if not all(each.uid for each in self.list):
            self.say(f"FETCH 1:* (UID FLAGS{' MODSEQ' if self.qresync else ''})", box)
        assert {each.uid: each.flags for each in self.list} == {uid: one.flags for uid, one in box.messages.items()}
        assert [each.uid for each in self.list] == sorted(box.messages)


def numbers(text: str) -> list[int]:
    """All in a set."""
    ends = [part.split(":") for part in text.split(",")]
    return [number for both in ends for number in range(int(both[0]), int(both[-1]) + 1)]


class Sessions(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.folder = tempfile.TemporaryDirectory()
        self.world = TestHouse(Path(self.folder.name))
        self.boxes = {name: Box() for name in NAMES}
        self.clients = [Client(Path(self.folder.name), self.world, qresync) for qresync in (False, False, True)]
        for client in self.clients:
            client.select("INBOX", self.boxes["INBOX"])

    def teardown(self):
        if not hasattr(self, "clients"):
            return
        for client in self.clients:
            client.learn(self.boxes[client.name])
            client.talk.client.session.lost()
        assert check(self.world.store.open(SASMITA.id), octets=True) == []
        self.world.store.close()
        self.folder.cleanup()

    def chosen(self, client, which):
        """Places in the client's list, and the uids there."""
        places = sorted({each % len(client.list) + 1 for each in which}) if client.list else []
        return places, [client.list[place - 1].uid for place in places]

    def known(self, who):
        client = self.clients[who]
        if not all(each.uid for each in client.list):
            client.learn(self.boxes[client.name])
        return client, self.boxes[client.name]

    @rule(who=WHO, name=st.sampled_from(NAMES))
    def select(self, who, name):
        self.clients[who].select(name, self.boxes[name])
        self.clients[who].learn(self.boxes[name])

    @rule(who=WHO, name=st.sampled_from(NAMES), flags=WORDS)
    def append(self, who, name, flags):
        client = self.clients[who]
        uid = self.boxes[name].add(frozenset(flags))
        said = client.say(f"APPEND {name} ({' '.join(flags)}) {{8+}}\r\nA: b\r\n\r\n", self.boxes[client.name])
        assert f" {uid}]" in said

    @rule(who=WHO, which=WHICH, sign=st.sampled_from(["+", "-", ""]), flags=WORDS, by_uid=st.booleans())
    def store(self, who, which, sign, flags, by_uid):
        client, box = self.known(who)
        places, uids = self.chosen(client, which)
        for uid in uids:
            if uid in box.messages:
                old, new = box.messages[uid].flags, frozenset(flags)
                box.messages[uid].change({"+": old | new, "-": old - new, "": new}[sign])
        if places:
            words = f"{','.join(map(str, uids if by_uid else places))} {sign}FLAGS ({' '.join(flags)})"
            client.say(f"{'UID ' if by_uid else ''}STORE {words}", box)
            told = {each.uid: each.flags for each in client.list}
            assert all(
                told.get(uid, box.messages[uid].flags) == box.messages[uid].flags for uid in uids if uid in box.messages
            )

    @rule(who=WHO, which=WHICH, move=st.booleans(), name=st.sampled_from(NAMES))
    def carry(self, who, which, move, name):
        client, box = self.known(who)
        _, uids = self.chosen(client, which)
        if not uids or name == client.name:
            return
        for uid in [uid for uid in uids if uid in box.messages]:
            self.boxes[name].add(box.messages[uid].flags)
            if move:
                del box.messages[uid]
        client.say(f"UID {'MOVE' if move else 'COPY'} {','.join(map(str, uids))} {name}", box)

    @rule(who=WHO)
    def expunge(self, who):
        client, box = self.known(who)
        box.messages = {uid: one for uid, one in box.messages.items() if "\\Deleted" not in one.flags}
        client.say("EXPUNGE", box)

    @rule(which=WHICH, flags=WORDS)
    def store_if_unchanged(self, which, flags):
        client, box = self.known(2)
        for uid in self.chosen(client, which)[1]:
            known = next((each for each in client.list if each.uid == uid), None)
            if known is None or uid not in box.messages or not known.modseq:
                continue
            fresh = known.version == box.messages[uid].version
            if fresh:
                box.messages[uid].change(box.messages[uid].flags | flags)
            said = client.say(f"UID STORE {uid} (UNCHANGEDSINCE {known.modseq}) +FLAGS ({' '.join(flags)})", box)
            assert ("MODIFIED" in said) is not fresh

    @rule(who=WHO)
    def look(self, who):
        self.clients[who].learn(self.boxes[self.clients[who].name])


Sessions.TestCase.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestSessions = Sessions.TestCase
