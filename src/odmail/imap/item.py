"""What a FETCH item is: its name, the columns it needs, and how it is bound to one command.  RFC 9051 6.4.5

Binding happens once per command. What is small is written column by column: an item says how its text looks and what
stands in it for each message, and one formatting makes the whole response of a message. So what is left to do for each
message is as little as can be. Items live in `items/`, one file each, and are found there.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from odcore.blob.api import Body
from odmail.imap import flags
from odmail.imap.reader import Reader
from odmail.mailbox.model import Need, Row, Rows


class Octets(msgspec.Struct, frozen=True, gc=False):
    """A stretch of a message, not yet read. A large one is sent piece by piece."""

    body: Body
    first: int
    end: int
    literal8: bool = False  # may hold NUL

    @property
    def size(self) -> int:
        """Octets."""
        return self.end - self.first

    def read(self, first: int = 0, length: int = -1) -> bytes:
        """All of them, or some. Where NUL cannot be said, 0x80 stands for it, so that sizes hold.  RFC 9051 4.3"""
        octets = self.body.read(self.first + first, self.size - first if length < 0 else length)
        return octets if self.literal8 else octets.replace(b"\0", b"\x80")


Piece = bytes | Octets


class Facts(msgspec.Struct, frozen=True):
    """What formatters must know of the session."""

    flags: flags.Writing
    utf8: bool = False  # the client takes UTF-8 in quoted strings


class Light(msgspec.Struct, frozen=True):
    """A small item: its `text` with one place for a value (`UID %d`), and the value of each of many messages."""

    text: bytes
    values: Callable[[Rows], Iterable[Any]]


Bulky = Callable[[Row], Iterable[Piece]]
"""Writes `NAME {n}` and octets of the message, in pieces."""


class Bound(msgspec.Struct, frozen=True):
    """An item with its arguments, ready to write: exactly one of `light` and `bulky` is set."""

    need: Need = Need(0)
    light: Callable[[Facts], Light] | None = None
    bulky: Bulky | None = None
    marks_seen: bool = False
    condstore: bool = False  # asking for it means CONDSTORE.  RFC 7162 3.1


class Item(msgspec.Struct, frozen=True):
    """A FETCH item. A name ending in `[` takes a section, whose first word `read` is given."""

    name: bytes
    rfc: str
    read: Callable[[Reader, bytes], Bound]
    capability: str = ""


def plain(text: bytes, rfc: str, need: Need, values: Callable[[Rows], Iterable[Any]], capability: str = "") -> Item:
    """An item without arguments that depends on the row alone. `text` begins with its name."""
    name = text.partition(b" ")[0]
    light = Light(text, values)
    bound = Bound(need, light=lambda _: light)
    return Item(name, rfc, lambda _reader, _word: bound, capability)
