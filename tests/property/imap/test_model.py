"""Several sessions of one person over the wire, any commands in any order, beside a small model of the mailboxes.

Each client counts and remembers flags by nothing but what it is told: what it believes must be what is true, as soon
as it may be told (NOOP), and sequence numbers must never mean another message than it thinks.
"""

import re
import tempfile
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from odmail.mailbox.check import check
from odtest.house import SASMITA, TestHouse
from odtest.talk import Talk

BOXES = ["INBOX", "Archive"]
FLAGS = ["\\Seen", "\\Flagged", "\\Deleted", "$Todo"]
SESSIONS = st.integers(0, 2)
SOME_FLAGS = st.lists(st.sampled_from(FLAGS), max_size=2, unique=True)
NUMBERS = st.lists(st.integers(1, 8), min_size=1, max_size=3)

_EXISTS = re.compile(rb"\* (\d+) EXISTS")
_EXPUNGE = re.compile(rb"\* (\d+) EXPUNGE")
_VANISHED = re.compile(rb"\* VANISHED ([\d,:]+)")
_FETCH = re.compile(rb"\* (\d+) FETCH \((?:.*?)UID (\d+)(?:.*?)FLAGS \(([^)]*)\)")
_COPYUID = re.compile(rb"\[COPYUID \d+ ([\d,:]+) ([\d,:]+)\]")


def numbers(text: bytes) -> list[int]:
    """1,3:5"""
    found: list[int] = []
    for part in text.split(b","):
        first, _, last = part.partition(b":")
        found += range(int(first), int(last or first) + 1)
    return found


class Box:
    """What is true of a mailbox."""

    def __init__(self) -> None:
        self.uidnext = 1
        self.messages: dict[int, frozenset[str]] = {}

    def add(self, flags: frozenset[str]) -> int:
        self.messages[self.uidnext] = flags
        self.uidnext += 1
        return self.uidnext - 1


class Client:
    """One session, and what it believes."""

    def __init__(self, world: TestHouse, qresync: bool) -> None:
        self.talk = Talk(Path(), world)
        self.qresync = qresync
        self.box = ""
        self.uids: list[int] = []  # by sequence number - 1
        self.flags: dict[int, frozenset[str]] = {}
        if qresync:
            self.say("ENABLE QRESYNC")

    def say(self, command: str) -> bytes:
        """The answer; what it tells is believed."""
        said = self.talk.say(command.encode())
        for line in said.split(b"\r\n"):
            self.hear(line)
        return said

    def hear(self, line: bytes) -> None:
        if found := _EXISTS.match(line):
            assert int(found[1]) >= len(self.uids), "EXISTS never takes away"
            self.uids += [0] * (int(found[1]) - len(self.uids))
        elif found := _EXPUNGE.match(line):
            assert not self.qresync
            self.flags.pop(self.uids.pop(int(found[1]) - 1), None)
        elif (found := _VANISHED.match(line)) and self.qresync:
            for uid in numbers(found[1]):
                self.uids.remove(uid)
                self.flags.pop(uid, None)
        elif found := _FETCH.match(line):
            at, uid = int(found[1]) - 1, int(found[2])
            assert self.uids[at] in (0, uid), "a number means the message it meant before"
            self.uids[at] = uid
            self.flags[uid] = frozenset(word for word in found[3].decode().split() if word != "\\Recent")

    def learn(self) -> None:
        """The uids and flags of what is new."""
        if 0 in self.uids:
            self.say(f"FETCH {self.uids.index(0) + 1}:{len(self.uids)} (UID FLAGS)")


class Sessions(RuleBasedStateMachine):
    """Three clients, one of them with QRESYNC."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.world = TestHouse(Path(self.folder.name))
        self.boxes = {name: Box() for name in BOXES}
        self.clients = [Client(self.world, qresync=at == 2) for at in range(3)]
        for client in self.clients:
            self.select(client, "INBOX")

    def teardown(self) -> None:
        if hasattr(self, "world"):
            for client in self.clients:
                client.talk.client.session.lost()
            assert check(self.world.store.open(SASMITA.id)) == []
            self.world.store.close()
            self.folder.cleanup()

    def select(self, client: Client, name: str) -> None:
        client.box, client.uids, client.flags = name, [], {}
        client.say(f"SELECT {name}")
        client.learn()

    def true(self, client: Client) -> dict[int, frozenset[str]]:
        return self.boxes[client.box].messages

    def chosen(self, client: Client, wanted: list[int]) -> tuple[str, list[int]]:
        """A set of sequence numbers that exist for the client, and their uids."""
        known = [number for number in wanted if number <= len(client.uids) and client.uids[number - 1]]
        return ",".join(map(str, known)), sorted({client.uids[number - 1] for number in known})

    @rule(at=SESSIONS, name=st.sampled_from(BOXES), flags=SOME_FLAGS)
    def append(self, at: int, name: str, flags: list[str]) -> None:
        said = self.clients[at].say(f"APPEND {name} ({' '.join(flags)}) {{11+}}\r\nA: b\r\n\r\nc\r\n")
        uid = self.boxes[name].add(frozenset(flags))
        assert re.search(rb"OK \[APPENDUID \d+ %d\]" % uid, said), said
        self.clients[at].learn()

    @rule(at=SESSIONS, wanted=NUMBERS, mode=st.sampled_from(["", "+", "-"]), flags=SOME_FLAGS, silent=st.booleans())
    def store(self, at: int, wanted: list[int], mode: str, flags: list[str], silent: bool) -> None:
        client = self.clients[at]
        spelled, uids = self.chosen(client, wanted)
        if not spelled:
            return
        client.say(f"STORE {spelled} {mode}FLAGS{'.SILENT' if silent else ''} ({' '.join(flags)})")
        client.learn()
        true = self.true(client)
        for uid in uids:
            if uid in true:
                had = true[uid]
                true[uid] = {"": frozenset(flags), "+": had | set(flags), "-": had - set(flags)}[mode]
                if silent:  # a client that asks for silence knows what it did, where it knew what there was
                    before = client.flags.get(uid, frozenset())
                    client.flags[uid] = {"": frozenset(flags), "+": before | set(flags), "-": before - set(flags)}[mode]

    @rule(at=SESSIONS, wanted=NUMBERS, verb=st.sampled_from(["COPY", "MOVE"]), by_uid=st.booleans())
    def transfer(self, at: int, wanted: list[int], verb: str, by_uid: bool) -> None:
        client = self.clients[at]
        spelled, uids = self.chosen(client, wanted)
        if not spelled:
            return
        target = BOXES[1 - BOXES.index(client.box)]
        named = f"UID {verb} {','.join(map(str, uids))}" if by_uid else f"{verb} {spelled}"
        said = client.say(f"{named} {target}")
        client.learn()
        true = self.true(client)
        alive = [uid for uid in uids if uid in true]
        made = [self.boxes[target].add(true[uid]) for uid in alive]
        told = _COPYUID.search(said)
        assert (numbers(told[1]), numbers(told[2])) == (alive, made) if told else not alive, said
        if verb == "MOVE":
            for uid in alive:
                del true[uid]

    @rule(at=SESSIONS, uids=st.none() | NUMBERS)
    def expunge(self, at: int, uids: list[int] | None) -> None:
        client = self.clients[at]
        known = set(client.uids)
        client.say("EXPUNGE" if uids is None else f"UID EXPUNGE {','.join(map(str, uids))}")
        true = self.true(client)
        for uid in [uid for uid, flags in true.items() if "\\Deleted" in flags]:
            if uids is None or (uid in uids and uid in known):
                del true[uid]
        client.learn()

    @rule(at=SESSIONS, name=st.sampled_from(BOXES), leave=st.sampled_from(["", "UNSELECT", "CLOSE"]))
    def go(self, at: int, name: str, leave: str) -> None:
        client = self.clients[at]
        if leave:
            client.say(leave)
        if leave == "CLOSE":
            true = self.true(client)
            for uid in [uid for uid, flags in true.items() if "\\Deleted" in flags]:
                del true[uid]
        self.select(client, name)

    @rule(at=SESSIONS, flag=st.sampled_from(FLAGS))
    def search(self, at: int, flag: str) -> None:
        """Among what the client counts, those that are still there."""
        client = self.clients[at]
        key = flag.removeprefix("\\").upper() if flag.startswith("\\") else f"KEYWORD {flag}"
        said = client.talk.say(f"SEARCH {key}".encode())
        found = re.match(rb"\* SEARCH([ \d]*)", said)
        assert found is not None
        true = self.true(client)
        expected = [n for n, uid in enumerate(client.uids, 1) if uid in true and flag in true[uid]]
        assert [int(number) for number in found[1].split()] == expected
        for line in said.split(b"\r\n"):
            client.hear(line)
        client.learn()

    @rule(at=SESSIONS)
    def look(self, at: int) -> None:
        """After NOOP a client knows what there is, by number, uid and flag."""
        client = self.clients[at]
        client.say("NOOP")
        client.learn()
        true = self.true(client)
        assert client.uids == sorted(true)
        assert client.flags == true

    @invariant()
    def counters(self) -> None:
        """As STATUS tells them, whoever asks."""
        if not hasattr(self, "world"):
            return
        account = self.world.store.open(SASMITA.id)
        for name, box in self.boxes.items():
            row = account.mailbox(name)
            unseen = sum("\\Seen" not in flags for flags in box.messages.values())
            assert (row.exists, row.uidnext, row.unseen) == (len(box.messages), box.uidnext, unseen)


Sessions.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
test_sessions = Sessions.TestCase
