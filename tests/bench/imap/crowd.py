"""Many connections of one thread, each sending its next small command as soon as the last was answered."""

import selectors
import ssl
import time

from bench.mail.client import Imap
from bench.mail.server import Server

_PIECE = 1 << 16


class _Member:
    """One connection and the end of what it has received of the answer it waits for."""

    def __init__(self, client: Imap, command: bytes) -> None:
        self.connection = client.connection
        self.connection.setblocking(False)
        self._command = b"t " + command + b"\r\n"
        self._tail = b""

    def ask(self) -> None:
        self._tail = b""
        self.connection.sendall(self._command)

    def answered(self) -> bool:
        """Read what is there; was it all?"""
        try:
            while octets := self.connection.recv(_PIECE):
                self._tail = (self._tail + octets)[-_PIECE:]
        except ssl.SSLWantReadError:
            pass
        line = self._tail[self._tail.rfind(b"\n", 0, -2) + 1 :]
        if not line.startswith(b"t ") or not line.endswith(b"\r\n"):
            return False
        if not line.startswith(b"t OK"):
            raise SystemExit(f"the IMAP server refused: {line!r}")
        return True


class Crowd:
    """So many connections with the mailbox selected."""

    def __init__(self, server: Server, mailbox: bytes, size: int) -> None:
        self._clients = [server.connect() for _ in range(size)]
        for client in self._clients:
            client.command(b"SELECT " + mailbox)

    def rate(self, command: bytes, seconds: float) -> float:
        """Commands a second, each connection with one on its way at any time."""
        selector = selectors.DefaultSelector()
        for client in self._clients:
            member = _Member(client, command)
            selector.register(member.connection, selectors.EVENT_READ, member)
            member.ask()
        answers, start = 0, time.perf_counter()
        while (now := time.perf_counter()) < start + seconds:
            for key, _ in selector.select():
                if key.data.answered():
                    answers += 1
                    key.data.ask()
        self._settle(selector)
        return answers / (now - start)

    def _settle(self, selector: selectors.BaseSelector) -> None:
        """The last answers."""
        waiting = {key.data for key in selector.get_map().values()}
        while waiting:
            waiting -= {key.data for key, _ in selector.select() if key.data.answered()}
        selector.close()

    def close(self) -> None:
        """All of them."""
        for client in self._clients:
            client.close()
