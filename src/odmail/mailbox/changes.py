"""Typed changes: what happened to a mailbox since a modseq, and the hint that tells others to look."""

from array import array
from collections.abc import Sequence

import msgspec

from odcore.ids import AccountId


class Flagged(msgspec.Struct, frozen=True, gc=False):
    """A message whose flags (as this reader sees them) may differ from what a session last saw."""

    uid: int
    flags: int
    keywords: int
    modseq: int


class Changes(msgspec.Struct, frozen=True):
    """All that happened in a mailbox after a modseq, folded: later changes hide earlier ones."""

    modseq: int  # the mailbox's HIGHESTMODSEQ these changes lead to
    uidnext: int
    added: list[Flagged]  # messages that arrived, uids ascending
    flagged: list[Flagged]  # older messages with changed flags, uids ascending
    removed: "array[int]"  # uids expunged, ascending
    absent: Sequence[tuple[int, int]] | None = None  # where so old expunges are forgotten: all uids that are not there

    @property
    def first(self) -> int:
        """The lowest uid among older messages that were changed or expunged, 0 for none."""
        return min([one.uid for one in self.flagged[:1]] + list(self.removed[:1]), default=0)


class Hint(msgspec.Struct, frozen=True, tag="mail", gc=False):
    """Broadcast after each commit. Carries no content: whoever cares reads `changes` by modseq.

    A lost hint delays a push until the next one; it never makes a session wrong.
    """

    account: AccountId
    mailbox: int  # 0: the list of mailboxes changed
    modseq: int


class AnnotationHint(msgspec.Struct, frozen=True, tag="annotation", gc=False):
    """The same for annotations (RFC 5464), which have modseqs of their own."""

    account: AccountId
    mailbox: int  # 0: the server as its owner sees it
    modseq: int
