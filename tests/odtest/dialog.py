r"""Runs dialog files: one conversation of one or several IMAP clients with the engine on a real store.

    # a comment
    mailbox INBOX 3              three letters lie there before anybody connects
    connection 2 bibhu.das       as whom a connection signs in by itself ("fresh": not at all, "clear": and without TLS)
    1> SELECT INBOX              a command; the runner gives it a tag and, unless told otherwise, expects OK
    1< * 3 EXISTS                this answer comes, after those named before it; others may come between
    1- * ... EXPUNGE             this answer does not come
    1~ ^\* OK \[UIDNEXT \d+\]    this answer comes, as a regular expression
    1> CREATE INBOX
    1< NO [ALREADYEXISTS] ...    the tagged answer; "..." stands for anything
    1< * OK [UIDVALIDITY $v] ... $v is remembered at first sight and must be the same from then on
    1>> DONE                     a line without a tag; \r \n \0 \\ \xNN are understood, \c at the end: no CRLF
    ! deliver INBOX              something happens elsewhere: see `Dialog.happen`

Every file is run twice: with its octets sent as they stand, and one at a time.
"""

import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from odcore import clock, ids
from odcore.later import drive
from odcore.sasl.api import Channel
from odcore.sharing.api import MAIL, Delegation, Power
from odmail.imap.deflate import Deflate
from odmail.imap.session import Session
from odmail.imap.standing import concerns, is_in, recheck
from odmail.mailbox.check import check
from odtest.house import BIBHU, COLLECTOR, PASSWORD, SASMITA, TREASURY, TestHouse, letter
from odtest.signing import BOUND_TLS, CERTIFIED_TLS, PLAIN_TLS

_STEP = re.compile(r"(\d)(>>|>|<|-|~) ?(.*)")
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|[rn0\\c])")
_SIGNS = {"r": "\r", "n": "\n", "0": "\0", "\\": "\\", "c": ""}
_UNIT = re.compile(rb"\{(\d+)\}\r\n\Z")


class Failed(AssertionError):
    """The conversation went another way; the message is its transcript."""


class Client:
    """One connection: what was said and what was answered since."""

    def __init__(self, world: TestHouse, secure: bool, split: bool, channel: Channel = PLAIN_TLS) -> None:
        self.secure = secure
        self.address = "127.0.0.1"
        self.channel = channel
        self.closed = False
        self.tag = ""
        self.answers: list[str] = []
        self.read = 0
        self.session = Session(world.house, world.registry, self)
        self._split = split
        self._sent = 0
        self._out = b""
        self._deflate: Deflate | None = None
        self.session.start()

    def write(self, data: bytes) -> None:
        assert not self.closed, f"written after the end: {data!r}"
        self._out += data if self._deflate is None else self._inflater.decompress(self._deflate.pack(data))

    def drained(self) -> None:
        return None

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def start_tls(self) -> None:
        self.secure = True

    @property
    def compressed(self) -> bool:
        return self._deflate is not None

    def compress(self) -> None:
        self._deflate = Deflate(self.session.received)
        self._deflater, self._inflater = zlib.compressobj(wbits=-15), zlib.decompressobj(-15)

    def close(self) -> None:
        self.closed = True

    def send(self, data: bytes) -> None:
        give = self.session.received
        if self._deflate is not None:
            data = self._deflater.compress(data) + self._deflater.flush(zlib.Z_SYNC_FLUSH)
            give = self._deflate.received
        pieces = [data[at : at + 1] for at in range(len(data))] if self._split else [data]
        secure = self.secure
        for piece in pieces:
            if not self.closed and self.secure == secure:  # what is in the clear behind STARTTLS is no TLS handshake
                give(piece)

    def command(self, data: bytes) -> None:
        self._sent += 1
        self.tag = f"t{self._sent}"
        self.send(self.tag.encode() + b" " + data)

    def collect(self) -> None:
        """Turn the octets written so far into answers, literals inside them."""
        units = list(_units(self._out))
        self._out = b""
        for unit in units:
            text = unit.removesuffix(b"\r\n").decode("utf-8", "backslashreplace")
            self.answers.append(text.removeprefix(f"{self.tag} ") if self.tag else text)

    def fresh(self) -> None:
        self.answers, self.read = [], 0


def _units(out: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(out):
        end = out.index(b"\n", at) + 1
        while found := _UNIT.search(out[at:end]):
            end = out.index(b"\n", end + int(found[1])) + 1
        yield out[at:end]
        at = end


class Dialog:
    """One run of one file."""

    def __init__(self, path: Path, folder: Path, patch: pytest.MonkeyPatch, *, split: bool) -> None:
        self._patch = patch
        self._channel = PLAIN_TLS
        self.world = TestHouse(folder)
        self.clients: dict[str, Client] = {}
        self._modes: dict[str, str] = {}
        self._known: dict[str, str] = {}
        self._delivered = 0
        self._split = split
        self._path = path
        self._said: list[str] = []

    def run(self) -> None:
        """Raises Failed; checks the store's invariants at the end."""
        number = 0
        try:
            for line in self._path.read_text("utf-8").splitlines():
                number += 1
                if line.strip() and not line.startswith("#"):
                    self._step(line)
            for client in self.clients.values():
                self._settle(client)
        except Failed as failed:
            raise Failed(f"{self._path.name}:{number}: {failed}\n" + "\n".join(self._said)) from None
        for client in self.clients.values():
            client.session.lost()
        for account in self.world.store.accounts():
            assert check(self.world.store.open(account)) == []
        self.world.store.close()

    def _step(self, line: str) -> None:
        self._said.append(line)
        step = _STEP.match(line)
        if step is None:
            self.happen(*line.split(maxsplit=1))
            return
        name, kind, text = step.groups()
        client = self._client(name)
        if kind in (">", ">>"):
            self._say(client, kind, text)
        elif kind == "<":
            self._expect(client, self._pattern(text), text)
        elif kind == "~":
            self._expect(client, re.compile(text, re.DOTALL), text)
        elif any(self._pattern(text).fullmatch(answer) for answer in client.answers):
            raise Failed(f"this should not have been said: {text}")

    def _say(self, client: Client, kind: str, text: str) -> None:
        data = _octets(self._filled(text))
        if kind == ">":
            self._settle(client)
            client.command(data)
        else:
            client.fresh()
            client.send(data)
        self._listen()

    def _filled(self, text: str) -> str:
        """The line with the $names known by now replaced by what they stand for."""
        return re.sub(r"\$([a-z]+)", lambda name: self._known.get(name[1], name[0]), text)

    def _listen(self) -> None:
        for owner in self.world.deliver_hints():
            sessions = [client.session for client in self.clients.values() if not client.closed]
            for each in sessions:
                each.regrouped()
            drive(recheck([each for each in sessions if is_in(each, owner)], self.world.house.call))
        for name, client in self.clients.items():
            before = len(client.answers)
            client.collect()
            self._said += [f"    {name}: {answer!r}" for answer in client.answers[before:]]

    def _expect(self, client: Client, pattern: re.Pattern[str], text: str) -> None:
        for at in range(client.read, len(client.answers)):
            found = pattern.fullmatch(client.answers[at])
            if found:
                self._known.update({name: value for name, value in found.groupdict().items() if value is not None})
                client.read = at + 1
                return
        raise Failed(f"expected: {text}")

    def _pattern(self, text: str) -> re.Pattern[str]:
        """The line with "..." and $names understood."""
        parts: list[str] = []
        for part in re.split(r"(\.\.\.|\$[a-z]+|\\r|\\n)", text):
            if part == "...":
                parts.append(".*")
            elif part in ("\\r", "\\n"):
                parts.append(part)
            elif part.startswith("$") and len(part) > 1 and part[1:].isalpha():
                name = part[1:]
                parts.append(re.escape(self._known[name]) if name in self._known else rf"(?P<{name}>[^\s()\]]+)")
            else:
                parts.append(re.escape(part))
        return re.compile("".join(parts), re.DOTALL)

    def _settle(self, client: Client) -> None:
        """Before the next command: the last one ended well, unless an answer to it was asked for by name."""
        ended = [at for at, answer in enumerate(client.answers) if re.match(r"(OK|NO|BAD)\b", answer)]
        if client.tag and not client.closed:
            if not ended:
                raise Failed("the command before was not answered")
            if ended[-1] >= client.read and not client.answers[ended[-1]].startswith("OK"):
                raise Failed(f"the command before was answered: {client.answers[ended[-1]]}")
        client.fresh()

    def _client(self, name: str) -> Client:
        if name not in self.clients:
            mode = self._modes.get(name, SASMITA.uid)
            client = self.clients[name] = Client(self.world, mode != "clear", self._split, self._channel)
            if mode not in ("fresh", "clear"):
                client.command(f'LOGIN {mode} "{PASSWORD}"\r\n'.encode())
                client.collect()
                assert client.answers[-1].startswith("OK"), client.answers
                client.fresh()
                client.tag = ""
            self._listen()
        return self.clients[name]

    def happen(self, word: str, rest: str = "") -> None:
        """What stands on a line that nobody says."""
        args = rest.split()
        if word == "mailbox":
            self._deliver(SASMITA.id, args[0], int(args[1]))
        elif word == "post-mailbox":
            self._deliver(COLLECTOR.id, args[0], int(args[1]))
        elif word == "connection":
            self._modes[args[0]] = args[1]
            self._client(args[0])
        elif word == "!":
            self._event(*args)
        else:
            raise Failed(f"not a step: {word}")

    def _event(self, what: str, *args: str) -> None:
        department = self.world.department
        if what == "deliver":
            self._deliver(SASMITA.id, args[0], int(args[1]) if len(args) > 1 else 1)
        elif what == "directory":
            department.down = args[0] == "down"
        elif what == "handover":  # the post goes from Sasmita to Bibhu
            department.held = {SASMITA.id: [], BIBHU.id: [COLLECTOR]}
            self._changed(COLLECTOR.id)
        elif what == "disable":
            department.disabled.add(SASMITA.id)
            self._changed(SASMITA.id)
        elif what == "quota":
            self.world.store.set_quota(SASMITA.id, int(args[0]))
        elif what == "scram":  # all passwords are device passwords
            department.scram = True
        elif what == "channel":  # what the TLS of the connections to come vouches for
            self._channel = {"bound": BOUND_TLS, "certified": CERTIFIED_TLS}[args[0]]
        elif what == "dice":  # what the next random token is
            self._patch.setattr(ids, "token", lambda size=16: args[0])
        elif what == "hold":
            department.held[SASMITA.id].append(TREASURY)
        elif not (self._pace(what, *args) or self._grant(what, *args)):
            raise Failed(f"nothing called {what} can happen")
        self._listen()

    def _pace(self, what: str, *args: str) -> bool:
        """How quickly blocking work is done, and how time goes by."""
        if what == "slow":  # from here on it waits
            self.world.held = []
        elif what == "step":  # one piece of it is done
            self.world.held.pop(0)()
        elif what == "quick":  # all of it
            waiting, self.world.held = self.world.held, None
            for work in waiting:
                work()
        elif what == "wait":  # so many seconds, counted from the first of them
            for client in self.clients.values():
                client.session.tell_progress(clock.monotonic() + int(args[0]))
        return what in ("slow", "step", "quick", "wait")

    def _grant(self, what: str, *args: str) -> bool:
        """What Sasmita lets others do, and what the audit trail knows of it."""
        department = self.world.department
        if what == "delegate":  # bibhu.das read write
            powers = frozenset(map(Power, args[1:]))
            given = Delegation(SASMITA.id, department.person(args[0]).id, powers)
            self.world.register.delegate(MAIL, given, 2)
        elif what == "end-delegation":
            self.world.register.end(MAIL, SASMITA.id, department.person(args[0]).id)
        elif what == "recorded":  # bibhu.das mailbox-opened 1: so many entries of this kind are in the trail
            actor = department.person(args[0]).id
            found = [each for each in self.world.recorded if each[:2] == (args[1], actor)]
            if len(found) != int(args[2]):
                raise Failed(f"recorded: {self.world.recorded}")
        return what in ("delegate", "end-delegation", "recorded")

    def _changed(self, account: str) -> None:
        sessions = [client.session for client in self.clients.values()]
        drive(recheck([each for each in sessions if concerns(each, {account})], self.world.house.call))

    def _deliver(self, account: str, mailbox: str, count: int) -> None:
        for _ in range(count):
            self._delivered += 1
            self.world.put(account, mailbox, letter(self._delivered), received=1_767_258_000 + self._delivered)


def _octets(text: str) -> bytes:
    def replace(found: re.Match[str]) -> str:
        word = found[1]
        return chr(int(word[1:], 16)) if word[0] == "x" else _SIGNS[word]

    if re.search(r"\\x[89a-fA-F]", text):
        data = _ESCAPE.sub(replace, text).encode("latin-1")
    else:
        data = _ESCAPE.sub(replace, text).encode("utf-8")
    return data if text.endswith("\\c") else data + b"\r\n"
