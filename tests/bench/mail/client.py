"""A lean IMAP client: the same for both sides, and cheap enough not to be what is measured."""

import socket
import time

_TAG = b"Xq7~z"
_BUFFER = bytearray(1 << 20)


class Imap:
    """One connection. Responses are counted, not understood."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._until(b"\r\n", at_start=b"* ")

    def command(self, words: bytes) -> bytes:
        """The end of the response, its tagged line included; fails unless that says OK."""
        self.connection.sendall(b"%b %b\r\n" % (_TAG, words))
        return self._tagged()

    def timed(self, words: bytes) -> float:
        """Seconds to the tagged response."""
        start = time.perf_counter()
        self.command(words)
        return time.perf_counter() - start

    def append(self, mailbox: bytes, message: bytes) -> None:
        """One message, in one round trip (LITERAL+)."""
        self.connection.sendall(b"%b APPEND %b {%d+}\r\n%b\r\n" % (_TAG, mailbox, len(message), message))
        self._tagged()

    def idle(self) -> None:
        """Begin IDLE and leave it at that."""
        self.connection.sendall(_TAG + b" IDLE\r\n")
        self._until(b"\r\n", at_start=b"+")

    def close(self) -> None:
        """Without LOGOUT."""
        self.connection.close()

    def _tagged(self) -> bytes:
        """Read on to the tagged line. Its tag occurs in no message of ours."""
        tail = b"\r\n"
        self.received = 0
        while True:
            count = self.connection.recv_into(_BUFFER)
            if not count:
                raise SystemExit("the IMAP server hung up")
            self.received += count
            tail = (tail + _BUFFER[:count])[-4096:]
            found = tail.rfind(b"\r\n" + _TAG)
            if found >= 0 and tail.endswith(b"\r\n"):
                if tail[found + 2 + len(_TAG) :].lstrip()[:2] != b"OK":
                    raise SystemExit(f"the IMAP server refused: {tail[found:]!r}")
                return bytes(tail)

    def _until(self, end: bytes, at_start: bytes) -> None:
        line = b""
        while not line.endswith(end):
            line += self.connection.recv(4096)
        if not line.startswith(at_start):
            raise SystemExit(f"unexpected answer: {line!r}")
