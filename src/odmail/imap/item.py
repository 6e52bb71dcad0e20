"""What a FETCH item is: its name, the columns it needs, and how it is bound to one command.  RFC 9051 6.4.5

Binding happens once per command and yields plain functions from a row to octets, so that what is left to do for each
message is as little as can be. Items live in `items/`, one file each, and are found there.
"""

from collections.abc import Callable, Iterable

import msgspec

from odcore.blob.api import Body
from odmail.imap import flags
from odmail.imap.reader import Reader
from odmail.mailbox.model import Need, Row


class Octets(msgspec.Struct, frozen=True, gc=False):
    """A stretch of a message, not yet read. A large one is sent piece by piece."""

    body: Body
    first: int
    end: int

    @property
    def size(self) -> int:
        """Octets."""
        return self.end - self.first

    def read(self) -> bytes:
        """All of them."""
        return self.body.read(self.first, self.end - self.first)


Piece = bytes | Octets


class Facts(msgspec.Struct, frozen=True):
    """What formatters must know of the session."""

    write_flags: flags.Write
    utf8: bool = False  # the client takes UTF-8 in quoted strings


Light = Callable[[Row], bytes]
"""Writes `NAME value` from a row; small."""

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


def plain(name: bytes, rfc: str, need: Need, write: Light, capability: str = "") -> Item:
    """An item without arguments that depends on the row alone."""
    bound = Bound(need, light=lambda _: write)
    return Item(name, rfc, lambda _reader, _word: bound, capability)
