r"""Runs dialog files: one ManageSieve client's conversation with the engine on a real store.

    as sasmita.nayak             who is signed in when it begins; "tls": nobody, inside TLS; "clear": nobody, and no TLS
    C: LISTSCRIPTS               the client says a line; \r \n \" \xNN are understood
    C: PUTSCRIPT "x" {+}         {+} is a literal of the lines that follow with "| "
    | keep;
    S: OK                        the next line of the answer; "..." stands for anything
    S* OK "odmail ready"         lines are skipped until this one
    ! handover                   something happens elsewhere: handover, directory down, directory up, disable, bug
    closed                       the server has hung up

Every line of an answer must be named before the client speaks again. Every file is run twice: with its octets sent as
they stand, and one at a time.
"""

import base64
import re
from functools import partial
from pathlib import Path

from odcore.directory.model import Resolved
from odcore.errors import Fault, Kind
from odcore.sasl.api import Channel
from odmail.delivery.checking import check_script
from odmail.delivery.reach import Reach
from odmail.mailbox.check import check
from odmail.managesieve import commands
from odmail.managesieve.ports import House
from odmail.managesieve.session import Session
from odtest.house import BIBHU, COLLECTOR, PASSWORD, SASMITA, TestHouse

_ESCAPE = re.compile(r"\\(x[0-9a-f]{2}|[rn\"\\])")
_SIGNS = {"r": b"\r", "n": b"\n", '"': b'\\"', "\\": b"\\\\"}


class Town:
    """What policy asks the directory."""

    def __init__(self, house: TestHouse) -> None:
        self._house = house

    def is_ours(self, domain: str) -> bool:
        if self._house.department.down:
            raise Fault(Kind.TRY_LATER, "The directory does not answer, try again")
        return domain == "odisha.example"

    def resolve(self, address: str) -> Resolved:
        raise Fault(Kind.NOT_FOUND, "No such user here.")


class Dialog:
    """One run of one file."""

    def __init__(self, path: Path, folder: Path, *, split: bool) -> None:
        self._path = path
        self._split = split
        self._world = TestHouse(folder)
        self._out = b""
        self._said: list[str] = []
        self.secure = True
        self.channel = Channel()
        self.address = "127.0.0.1"
        self.closed = False

    # The session's connection.

    def write(self, data: bytes) -> None:
        assert not self.closed, f"written after the end: {data!r}"
        self._out += data

    def drained(self) -> None:
        return None

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def start_tls(self) -> None:
        self.secure = True

    def close(self) -> None:
        self.closed = True

    # The run.

    def run(self) -> None:
        """AssertionError with the transcript; checks the store's invariants at the end."""
        lines = self._path.read_text("utf-8").splitlines()
        number = 0
        try:
            while number < len(lines):
                number = self._step(lines, number)
            self._settle()
        except AssertionError as error:
            raise AssertionError(f"{self._path.name}:{number + 1}: {error}\n" + "\n".join(self._said)) from None
        self._session.lost()
        for account in self._world.store.accounts():
            assert check(self._world.store.open(account)) == []
        self._world.store.close()

    def _step(self, lines: list[str], number: int) -> int:
        line = lines[number]
        self._said.append(line)
        word, _, rest = line.partition(" ")
        if word == "as":
            self._begin(rest)
        elif word == "C:":
            literal: list[str] = []
            while number + 1 < len(lines) and lines[number + 1].startswith("|"):
                number += 1
                literal.append(lines[number][2:])
            self._settle()
            self._send(rest, literal)
        elif word in ("S:", "S*"):
            self._expect(rest, skip=word == "S*")
        elif word == "!":
            self._event(rest)
        elif word == "closed":
            assert self.closed, "the server has not hung up"
        else:
            assert not line or line.startswith("#"), f"not a step: {line}"
        return number + 1

    def _begin(self, who: str) -> None:
        world = self._world
        self.secure = who != "clear"
        house = House(world.department, world.open, partial(check_script, Reach(Town(world))), world.call, world.record)
        self._session = Session(house, commands.load(), self)
        self._session.start()
        if who not in ("clear", "tls"):
            self._session.received(b'AUTHENTICATE "PLAIN"\r\n')
            response = base64.b64encode(b"\0".join((b"", who.encode(), PASSWORD.encode())))
            self._session.received(b'"%b"\r\n' % response)
            assert self._out.endswith(b'OK "Signed in"\r\n'), self._out
            self._out = b""

    def _send(self, text: str, literal: list[str]) -> None:
        octets = _octets(text)
        if "{+}" in text:
            body = "".join(f"{line}\r\n" for line in literal).encode()
            octets = octets.replace(b"{+}", b"{%d+}\r\n%b" % (len(body), body))
        octets += b"\r\n"
        secure = self.secure
        for piece in [octets[at : at + 1] for at in range(len(octets))] if self._split else [octets]:
            if not self.closed and self.secure == secure:  # what is in the clear behind STARTTLS is no handshake
                self._session.received(piece)

    def _expect(self, text: str, *, skip: bool) -> None:
        pattern = re.compile(".*".join(re.escape(part) for part in text.split("...")))
        while True:
            line, end, self._out = self._out.partition(b"\r\n")
            assert end, f"expected: {text}"
            self._said.append(f"    {line.decode('utf-8', 'backslashreplace')}")
            if pattern.fullmatch(line.decode()):
                return
            assert skip, f"expected: {text}"

    def _settle(self) -> None:
        assert not self._out, f"nobody asked for: {self._out!r}"

    def _event(self, what: str) -> None:
        department = self._world.department
        if what == "handover":
            department.held = {SASMITA.id: [], BIBHU.id: [COLLECTOR]}
        elif what.startswith("recorded "):  # the audit trail holds just these
            assert [row[0] for row in self._world.recorded] == what.split()[1:], self._world.recorded
        elif what == "disable":
            department.disabled.add(SASMITA.id)
        else:
            department.down = what == "directory down"


def _octets(text: str) -> bytes:
    """Escapes undone: in a quoted string \\" stands as the protocol has it."""
    out, at = b"", 0
    for match in _ESCAPE.finditer(text):
        out += text[at : match.start()].encode()
        word = match[1]
        out += bytes((int(word[1:], 16),)) if word[0] == "x" else _SIGNS[word]
        at = match.end()
    return out + text[at:].encode()
