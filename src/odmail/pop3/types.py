"""Values every part of the POP3 engine speaks in.  RFC 1939 3"""

import enum

import msgspec


class State(enum.Flag):
    """Where a session is. UPDATE, the third state of RFC 1939, is QUIT's own."""

    AUTHORIZATION = 1
    TRANSACTION = 2


ANY = State.AUTHORIZATION | State.TRANSACTION


class Reply(msgspec.Struct, frozen=True, gc=False):
    """A status line. `code` is a response code without its brackets.  RFC 2449 8"""

    text: str
    ok: bool = True
    code: str = ""

    def encode(self) -> bytes:
        """As it is sent; a response code stands first."""
        code = f"[{self.code}] " if self.code else ""
        return f"{'+OK' if self.ok else '-ERR'} {code}{self.text}\r\n".encode("ascii", "replace")


class BadSyntax(Exception):
    """The client's words do not follow the grammar."""
