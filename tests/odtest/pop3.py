r"""Runs dialog files of POP3: one conversation of one or several clients with the engine on a real store.

    mailbox 3                three letters lie in INBOX before anybody connects
    connection 2 clear       not inside TLS
    1> STAT                  a line, CRLF added; \r \n \0 \xNN are understood, \c at the end: no CRLF
    1< +OK 3 ...             the next line of the answer; "..." stands for anything, $v is remembered at first sight
    1~ ...                   lines up to one that is this are passed over
    1 END                    the server has hung up, and has said nothing more
    1 LOST                   the client's connection breaks
    1 TLS                    the handshake happens
    ! deliver 2              letters come
    ! expunge 1              another program takes a message away, by uid
    ! letter a\r\nb           this very letter comes

Every file is run twice: with its octets sent as they stand, and one at a time.
"""

import re
from pathlib import Path

from odcore.sasl.api import Channel
from odmail.mailbox.api import Expunge
from odmail.mailbox.check import check
from odmail.pop3 import verbs
from odmail.pop3.ports import House
from odmail.pop3.session import Session
from odtest.house import PASSWORD, SASMITA, TestHouse, letter

_STEP = re.compile(r"(\d)(>|<|~| END| LOST| TLS) ?(.*)")
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|[rn0\\c])")
_SIGNS = {"r": "\r", "n": "\n", "0": "\0", "\\": "\\", "c": ""}


class Client:
    """One connection: what was answered and not yet looked at."""

    def __init__(self, dialog: "Dialog", secure: bool) -> None:
        self.secure = secure
        self.channel = Channel()
        self.address = "127.0.0.1"
        self.closed = False
        self.out = b""
        self.handshake = False
        self.session = Session(dialog.house, dialog.verbs, self)
        self.session.start()

    def write(self, data: bytes) -> None:
        assert not self.closed, f"written after the end: {data!r}"
        self.out += data

    def drained(self) -> None:
        return None

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def start_tls(self) -> None:
        self.handshake = True

    def close(self) -> None:
        self.closed = True

    def line(self) -> str:
        line, end, self.out = self.out.partition(b"\r\n")
        assert end, f"no line is left, only {line!r}"
        return line.decode("utf-8", "backslashreplace")


class Dialog:
    """One run of one file."""

    def __init__(self, path: Path, folder: Path, *, split: bool) -> None:
        self.world = TestHouse(folder)
        self.house = House(self.world.department, self.world.open, self.world.call)
        self.verbs = verbs.load()
        self._path = path
        self._split = split
        self._clients: dict[str, Client] = {}
        self._known: dict[str, str] = {}
        self._delivered = 0

    def run(self) -> None:
        """AssertionError names the line; the store's invariants are checked at the end."""
        for number, line in enumerate(self._path.read_text("utf-8").splitlines(), 1):
            if line.strip() and not line.startswith("#"):
                try:
                    self._step(line)
                except AssertionError as error:
                    raise AssertionError(f"{self._path.name}:{number}: {line}: {error}") from None
        for client in self._clients.values():
            client.session.lost()
        for account in self.world.store.accounts():
            assert check(self.world.store.open(account)) == []
        self.world.store.close()

    def _step(self, line: str) -> None:
        step = _STEP.match(line)
        if step is None:
            self._happen(*line.split())
            return
        client = self._client(step[1])
        what, text = step[2].strip(), step[3]
        if what == ">":
            self._say(client, _octets(text.replace("PASSWORD", PASSWORD)))
        elif what == "<":
            assert self._matches(text, said := client.line()), f"it said {said}"
        elif what == "~":
            while not self._matches(text, client.line()):
                pass
        elif what == "END":
            assert client.closed
            assert client.out == b""
        elif what == "LOST":
            client.closed = True
            client.session.lost()
        else:
            assert client.handshake
            client.secure = True

    def _say(self, client: Client, data: bytes) -> None:
        assert client.out == b"", f"it had said more: {client.out!r}"
        secure = client.handshake
        for piece in [data[at : at + 1] for at in range(len(data))] if self._split else [data]:
            if not client.closed and client.handshake == secure:
                client.session.received(piece)

    def _matches(self, pattern: str, line: str) -> bool:
        parts = []
        for part in re.split(r"(\.\.\.|\$[a-z]+)", pattern):
            if part == "...":
                parts.append(".*")
            elif part.startswith("$") and len(part) > 1:
                known = self._known.get(part[1:])
                parts.append(re.escape(known) if known else rf"(?P<{part[1:]}>\S+)")
            else:
                parts.append(re.escape(part))
        found = re.fullmatch("".join(parts), line)
        self._known |= found.groupdict() if found else {}
        return found is not None

    def _client(self, name: str, secure: bool = True) -> Client:
        if name not in self._clients:
            client = self._clients[name] = Client(self, secure)
            assert client.line() == "+OK odmail ready"
        return self._clients[name]

    def _happen(self, word: str, *args: str) -> None:
        account = self.world.store.open(SASMITA.id)
        if word == "mailbox" or args[0] == "deliver":
            for _ in range(int(args[-1])):
                self._delivered += 1
                self.world.put(SASMITA.id, "INBOX", letter(self._delivered))
        elif word == "connection":
            self._client(args[0], secure=args[1] != "clear")
        elif args[0] == "expunge":
            uid = int(args[1])
            account.expunge(Expunge(account.mailbox("INBOX").id, [(uid, uid)], marked=False))
        elif args[0] == "letter":
            self.world.put(SASMITA.id, "INBOX", _octets(" ".join(args[1:]) + "\\c"))
        else:
            raise AssertionError("not a step")


def _octets(text: str) -> bytes:
    def replace(found: re.Match[str]) -> str:
        word = found[1]
        return chr(int(word[1:], 16)) if word[0] == "x" else _SIGNS[word]

    return _ESCAPE.sub(replace, text).encode("latin-1") + (b"" if text.endswith("\\c") else b"\r\n")
