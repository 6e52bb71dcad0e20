"""Values every part of the ManageSieve engine speaks in: states, replies, and the ways a command can go wrong."""

import enum

import msgspec


class State(enum.Flag):
    """RFC 5804 2: a command declares in which of them it may be given."""

    NOT_AUTHENTICATED = 1
    AUTHENTICATED = 2


ANY = State.NOT_AUTHENTICATED | State.AUTHENTICATED


class Reply(msgspec.Struct, frozen=True, gc=False):
    """The answer that ends a command. `code` is a response code without its parentheses.  RFC 5804 1.2, 1.3"""

    text: str
    code: bytes = b""
    status: bytes = b"OK"


class BadSyntax(Exception):
    """The client's words do not follow the grammar. Raised by readers only."""
