"""Somebody else's mail server, as bad as a test wants it: plain sockets and a thread for each connection."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

from odsuite import certs

HELLO = "250-mx.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 99999999"
STARTTLS = HELLO.replace("250 SIZE", "250-STARTTLS\r\n250 SIZE")

Answer = str | Callable[["Guest"], None]
"""What a command is answered with, or what is done instead."""


def drop(guest: "Guest") -> None:
    """Hang up without a word."""
    guest.close()


class Gone(Exception):
    """The client hung up, or we did."""


class Guest:
    """One connection, from the server's side."""

    def __init__(self, peer: "Peer", connection: socket.socket) -> None:
        self.peer = peer
        self.socket = connection
        self.told: list[str] = []  # commands
        self.left = b""  # read, not yet used

    def say(self, text: str | bytes) -> None:
        """Whole lines, or whatever it is."""
        try:
            self.socket.sendall(text if isinstance(text, bytes) else text.encode() + b"\r\n")
        except OSError as error:
            raise Gone from error

    def until(self, end: bytes) -> bytes:
        """Octets up to and with `end`."""
        while end not in self.left:
            self.more()
        found, _, self.left = self.left.partition(end)
        return found + end

    def more(self) -> None:
        """What comes next."""
        try:
            data = self.socket.recv(1 << 16)
        except OSError as error:
            raise Gone from error
        if not data:
            raise Gone
        self.left += data

    def line(self) -> str:
        """One command."""
        self.told.append(self.until(b"\r\n")[:-2].decode())
        return self.told[-1]

    def secure(self) -> None:
        """The handshake."""
        self.say("220 go ahead")
        try:
            self.socket = self.peer.tls.wrap_socket(self.socket, server_side=True)
        except (OSError, ssl.SSLError) as error:
            raise Gone from error

    def close(self) -> None:
        """For good."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        raise Gone

    def serve(self) -> None:
        """By the table of answers."""
        self.answer("")
        while True:
            self.answer(self.line().partition(" ")[0].upper())

    def answer(self, verb: str) -> None:
        answer = self.peer.answers[verb]
        if callable(answer):
            answer(self)
            return
        self.say(answer)
        if verb == "QUIT":
            self.close()
        if verb == "DATA" and answer.startswith("354"):
            self.left = b"\r\n" + self.left
            content = self.until(b"\r\n.\r\n")[2:].removesuffix(b".\r\n")
            if not content:  # to nobody
                self.say("554 5.5.1 no valid recipients")
                return
            self.peer.messages.append(content)
            self.answer(".")


class Peer:
    """Listens on a port of its own. `answers` by verb; "" is the greeting and "." the end of a message."""

    def __init__(self, folder: Path, **answers: Answer) -> None:
        names = {"greeting": "", "end": "."}
        table: dict[str, Answer] = {
            "": "220 mx.example ESMTP",
            "EHLO": HELLO,
            "HELO": "250 mx.example",
            "STARTTLS": Guest.secure,
            "MAIL": "250 2.1.0 ok",
            "RCPT": "250 2.1.5 ok",
            "DATA": "354 go ahead",
            ".": "250 2.0.0 taken",
            "RSET": "250 2.0.0 ok",
            "QUIT": "221 2.0.0 bye",
        }
        self.answers = table | {names.get(verb, verb): answer for verb, answer in answers.items()}
        self.guests: list[Guest] = []
        self.messages: list[bytes] = []
        self.authority = certs.ensure(folder, ["mx.example"])
        self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.tls.load_cert_chain(folder / "server.pem", folder / "server.key")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)  # the thread wakes up, before its socket's number is another's
        self._listener.close()
        for guest in self.guests:
            with contextlib.suppress(Gone):
                guest.close()

    def told(self) -> list[list[str]]:
        """The verbs of each connection."""
        return [[line.partition(" ")[0] for line in guest.told] for guest in self.guests]

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            guest = Guest(self, connection)
            self.guests.append(guest)
            threading.Thread(target=self._host, args=(guest,), daemon=True).start()

    def _host(self, guest: Guest) -> None:
        with contextlib.suppress(Gone):
            guest.serve()
