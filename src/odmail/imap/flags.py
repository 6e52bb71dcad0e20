"""FLAGS in FETCH responses, asked for or told of.  RFC 9051 7.5.2, RFC 7162 3.2.4"""

from collections.abc import Callable
from typing import Protocol

from odmail.imap import writer


class Flagged(Protocol):
    """Whatever has flags: a row of the store, a change, what a session last told its client."""

    @property
    def uid(self) -> int:
        """The message's uid."""

    @property
    def flags(self) -> int:
        """System flags."""

    @property
    def keywords(self) -> int:
        """Keywords by bit."""

    @property
    def modseq(self) -> int:
        """When it last changed."""


Write = Callable[[Flagged], bytes]


def writing(names: tuple[str, ...], recent_from: int) -> Write:
    """A function that writes `FLAGS (...)` of a message and remembers each combination it has met.

    `names` are the account's keywords; messages from uid `recent_from` on carry \\Recent.
    """
    known: dict[int, bytes] = {}

    def write(message: Flagged) -> bytes:
        recent = message.uid >= recent_from
        key = message.keywords << 6 | message.flags << 1 | recent  # there are five system flags
        written = known.get(key)
        if written is None:
            flags = writer.flag_list(message.flags, message.keywords, names, recent=recent)
            written = known[key] = b"FLAGS " + flags
        return written

    return write


def changed(number: int, message: Flagged, write: Write, *, modseq: bool) -> bytes:
    """`* n FETCH` for flags that changed. Once the client knows CONDSTORE it carries the modseq, too."""
    if modseq:
        return b"* %d FETCH (UID %d %b MODSEQ (%d))\r\n" % (number, message.uid, write(message), message.modseq)
    return b"* %d FETCH (UID %d %b)\r\n" % (number, message.uid, write(message))
