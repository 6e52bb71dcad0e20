"""A client that says what no client should: raw octets over TCP or TLS; and what they cost the suite."""

import base64
import contextlib
import os
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from odtest.daemon import PATIENCE, Daemon, until

MIB = 1 << 20
_TICKS = os.sysconf("SC_CLK_TCK")
_LITERAL = re.compile(rb"\{([0-9]+)\}\r\n\Z")


class Wire:
    """One connection, from any loopback address; nothing is raised when the server has had enough."""

    def __init__(self, house: Daemon, service: str, *, address: str = "127.0.0.1", read: bool = True) -> None:
        self.house = house
        self.socket = socket.create_connection(("127.0.0.1", house.ports[service]), PATIENCE, (address, 0))
        self._waiting = b""
        if service in ("imaps", "submissions"):
            self.tls()
        self.greeting = self.line() if read else b""

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def tls(self) -> None:
        """The handshake."""
        self.socket = self.house.tls().wrap_socket(self.socket, server_hostname="localhost")

    def send(self, *data: bytes) -> bool:
        """False when the server has hung up meanwhile."""
        try:
            for each in data:
                self.socket.sendall(each)
        except TimeoutError:
            raise
        except OSError:
            return False
        return True

    def line(self) -> bytes:
        """The next line, or what there was before the end of the connection."""
        while b"\n" not in self._waiting and (more := self._more()):
            self._waiting += more
        line, end, self._waiting = self._waiting.partition(b"\n")
        return line + end

    def exactly(self, size: int) -> bytes:
        """So many octets."""
        parts, got = [self._waiting[:size]], min(size, len(self._waiting))
        self._waiting = self._waiting[size:]
        while got < size and (more := self._more()):
            parts.append(more[: size - got])
            self._waiting = more[size - got :]
            got += len(parts[-1])
        return b"".join(parts)

    def rest(self) -> bytes:
        """Everything up to the end of the connection, which must come."""
        parts = [self._waiting]
        self._waiting = b""
        while more := self._more():
            parts.append(more)
        return b"".join(parts)

    def rest_or(self, awaited: bytes) -> bool:
        """Does this line come before the end of the connection?"""
        while line := self.line():
            if line == awaited:
                return True
        return False

    def _more(self) -> bytes:
        try:
            return self.socket.recv(65536)
        except TimeoutError:
            raise
        except OSError:
            return b""

    # -- SMTP

    def reply(self) -> bytes:
        """One, of however many lines."""
        lines = [self.line()]
        while lines[-1][3:4] == b"-":
            lines.append(self.line())
        return b"".join(lines)

    def say(self, command: bytes) -> bytes:
        """An SMTP command and its reply."""
        self.send(command + b"\r\n")
        return self.reply()

    def introduce(self, login: str = "") -> None:
        """EHLO; with a login in TLS and signed in."""
        assert self.say(b"EHLO client.example").startswith(b"250")
        if login and self.socket.__class__ is socket.socket:
            assert self.say(b"STARTTLS").startswith(b"220")
            self.tls()
            assert self.say(b"EHLO client.example").startswith(b"250")
        if login:
            plain = base64.b64encode(f"\0{login}\0{self.house.people[login].password}".encode())
            assert self.say(b"AUTH PLAIN " + plain).startswith(b"235")

    # -- IMAP

    def ask(self, command: bytes, tag: bytes = b"a") -> list[bytes]:
        """An IMAP command; its responses, literals included, the tagged one last."""
        self.send(tag + b" " + command + b"\r\n")
        return self.answers(tag)

    def answers(self, tag: bytes = b"a") -> list[bytes]:
        """Up to the tagged one."""
        found = [self.response()]
        while found[-1] and not found[-1].startswith(tag + b" "):
            found.append(self.response())
        return found

    def response(self) -> bytes:
        """One, with its literals."""
        parts = [self.line()]
        while literal := _LITERAL.search(parts[-1]):
            parts += [self.exactly(int(literal[1])), self.line()]
        return b"".join(parts)

    def sign_in(self, login: str) -> None:
        """LOGIN."""
        answer = self.ask(f"LOGIN {login} {self.house.people[login].password}".encode())[-1]
        assert answer.startswith(b"a OK"), answer


class Burden:
    """What the suite's processes have used so far."""

    def __init__(self, house: Daemon) -> None:
        self.processes = {
            each["name"]: each["pid"]
            for each in house.health()["processes"]
            if each["name"].startswith(("mail", "que"))
        }

    def forget_peaks(self) -> None:
        """VmHWM counts from here."""
        for pid in self.processes.values():
            Path(f"/proc/{pid}/clear_refs").write_text("5")

    def memory(self, field: str) -> dict[str, int]:
        """VmRSS or VmHWM, in octets."""
        return {name: _status(pid, field) for name, pid in self.processes.items()}

    def seconds(self) -> dict[str, float]:
        """Of CPU."""
        return {name: _seconds(pid) for name, pid in self.processes.items()}


def _status(pid: int, field: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) << 10
    raise LookupError(field)


def _seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


@contextlib.contextmanager
def siege(
    house: Daemon, *, kept: int = 32 * MIB, peak: int = 96 * MIB, cpu: float = 5.0, calm: float = 20.0
) -> Iterator[Burden]:
    """Whatever happens inside, no process dies or takes more than this, and mail goes on."""
    burden = Burden(house)
    burden.forget_peaks()
    memory, seconds = burden.memory("VmRSS"), burden.seconds()
    yield burden
    assert Burden(house).processes == burden.processes, "a process was restarted"
    spent = {name: after - seconds[name] for name, after in burden.seconds().items()}
    peaks = {name: after - memory[name] for name, after in burden.memory("VmHWM").items()}
    grown = {name: after - memory[name] for name, after in burden.memory("VmRSS").items()}
    print("CPU s", spent, "peak MiB", _mib(peaks), "kept MiB", _mib(grown))
    assert max(spent.values()) < cpu, spent
    assert max(peaks.values()) < peak, _mib(peaks)
    until(
        lambda: max(after - memory[name] for name, after in burden.memory("VmRSS").items()) < kept,
        lambda: f"memory is given back: {_mib(grown)}",
        calm,
    )
    serves(house)


def _mib(sizes: dict[str, int]) -> dict[str, float]:
    return {name: round(size / MIB, 1) for name, size in sizes.items()}


def serves(house: Daemon, address: str = "127.0.0.1") -> None:
    """A stranger's letter comes in by MX and is read in the app, all from this address."""
    mark = f"serves-{time.monotonic_ns()}"
    with Wire(house, "mx", address=address) as client:
        client.introduce()
        letter = f"Message-ID: <{mark}@client.example>\r\nSubject: still here\r\n\r\nHello\r\n".encode()
        assert deliver(client, letter).startswith(b"250"), "mail goes on"
        client.say(b"QUIT")
    with Wire(house, "imaps", address=address) as client:
        client.sign_in(READER)
        client.ask(b"SELECT INBOX")
        search = f'SEARCH HEADER Message-ID "<{mark}@client.example>"'.encode()
        until(lambda: re.search(rb"SEARCH [0-9]", b"".join((client.ask(b"NOOP"), client.ask(search))[1])), "it arrives")
        client.ask(b"LOGOUT")


READER = "sunita.hembram@odisha.example"
"""Who gets the letters of `serves`."""


def deliver(client: Wire, message: bytes, sender: str = "friend@elsewhere.example", to: str = READER) -> bytes:
    """One transaction by DATA; the last reply. `message` goes over the wire as it is, but for its end."""
    for command in (f"MAIL FROM:<{sender}>", f"RCPT TO:<{to}>", "DATA"):
        reply = client.say(command.encode())
        if reply[:1] not in b"23":
            return reply
    client.send(message, b".\r\n")
    return client.reply()
