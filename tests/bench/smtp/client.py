"""A lean SMTP client: the same for both sides, and cheap enough not to be what is measured."""

import base64
import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from bench.mail.server import HOST, Server, unverified
from bench.smtp.senders import Letter

_PAUSE = 0.05


class ComeAgain(Exception):
    """A message was not taken now (4xx)."""


class Smtp:
    """One connection."""

    def __init__(self, connection: socket.socket, host: str) -> None:
        self._connection = connection
        self._reader = connection.makefile("rb")
        self._expect(b"220")
        self._command(f"EHLO {host}", b"250")

    def login(self, login: str, password: str) -> None:
        """AUTH PLAIN."""
        words = base64.b64encode(f"\0{login}\0{password}".encode()).decode()
        self._command(f"AUTH PLAIN {words}", b"235")

    def send(self, letter: Letter) -> None:
        """One message, its envelope pipelined. No line of ours begins with a dot."""
        envelope = f"MAIL FROM:<{letter.sender}> BODY=8BITMIME\r\nRCPT TO:<{letter.recipient}>\r\nDATA\r\n"
        self._connection.sendall(envelope.encode())
        for code in (b"250", b"250", b"354"):
            self._expect(code)
        self._connection.sendall(letter.octets + b".\r\n")
        reply = self._reply()
        if reply.startswith(b"4"):
            raise ComeAgain(reply)
        _check(reply, b"250")

    def close(self) -> None:
        """As a client of good manners."""
        self._command("QUIT", b"221")
        self._reader.close()
        self._connection.close()

    def _command(self, words: str, code: bytes) -> None:
        self._connection.sendall(words.encode() + b"\r\n")
        self._expect(code)

    def _expect(self, code: bytes) -> None:
        _check(self._reply(), code)

    def _reply(self) -> bytes:
        line = self._reader.readline()
        while line[3:4] == b"-":
            line = self._reader.readline()
        return line


def _check(reply: bytes, code: bytes) -> None:
    if not reply.startswith(code):
        raise SystemExit(f"the SMTP server said {reply!r} instead of {code.decode()}")


def deliver(server: Server, letters: Sequence[Letter], sessions: int) -> int:
    """From outside: a connection for each, `sessions` at a time, as mail from many servers comes.

    How often one was told to come again, and did so at once.
    """

    def one(letter: Letter) -> int:
        plain = socket.create_connection((HOST, server.mx), timeout=120, source_address=(letter.client, 0))
        client = Smtp(plain, letter.host)
        try:
            client.send(letter)
        except ComeAgain:
            client.close()
            time.sleep(_PAUSE)
            return 1 + one(letter)
        client.close()
        return 0

    with ThreadPoolExecutor(sessions) as pool:
        return sum(pool.map(one, letters))


def submit(server: Server, letters: Sequence[Letter]) -> None:
    """From inside, over TLS: a connection for each account, all at a time, with its share of the letters."""

    def one(login: str) -> None:
        own = [letter for letter in letters if letter.sender == login]
        plain = socket.create_connection((HOST, server.submissions), timeout=120)
        client = Smtp(unverified().wrap_socket(plain), own[0].host)
        client.login(login, server.password)
        for letter in own:
            client.send(letter)
        client.close()

    with ThreadPoolExecutor(len(server.logins)) as pool:
        list(pool.map(one, server.logins))
