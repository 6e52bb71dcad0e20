"""The selected mailbox as the client knows it.  RFC 9051 2.3.1.2, 5.2, 7.5.1

A client counts messages by sequence number, so what it has been told, not what is true by now, decides what "3" means.
The view is that knowledge: the uids told of, in order. It is made only when somebody asks for numbers: SELECT, STATUS,
IDLE and the arrival of mail need none. Of a large mailbox it knows the newest messages first, as most clients want no
others; the uids of older ones, not yet asked for, stand as 0. It moves on by `absorb`ing what `MailAccount.changes`
reports:

    removed  wait in `_gone`, still counted, until a moment when EXPUNGE may be sent; only then they leave the numbers
    added    are appended: they are above every uid told
    flagged  are told, but for changes this session made itself and answered (`own`)
"""

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterator

from odmail.imap import flags, writer
from odmail.imap.names import Place
from odmail.mailbox.api import Since, Snapshot
from odmail.mailbox.changes import Changes, Hint
from odmail.mailbox.model import Mailbox

AT_ONCE = 2000
"""The uids of so many messages cost next to nothing."""


class View:
    """What one session was told of one mailbox."""

    __slots__ = (
        "_gone",
        "_uids",
        "_unknown",
        "dirty",
        "exists",
        "mailbox",
        "mine",
        "modseq",
        "names",
        "place",
        "recent_from",
        "regranted",
        "saved",
        "uidnext",
        "writable",
    )

    def __init__(self, place: Place, box: Mailbox, names: tuple[str, ...], *, writable: bool) -> None:
        self.place = place
        self.mailbox = box.id
        self.writable = writable
        self.uidnext = box.uidnext  # uids from here on the client was not told of
        self.modseq = box.highestmodseq  # changes up to here were absorbed
        self.exists = box.exists
        self.recent_from = box.recent_from
        self.names = names  # of keywords, by bit
        self.mine: set[int] = set()  # uids of messages the session itself put here since the client was last told
        self.regranted = False  # `place.rights` changed and the client was not told
        self.dirty = False  # somebody said that there are changes
        self.saved: array[int] = array("I")  # $, the saved search result: uids.  RFC 5182
        self._uids: array[int] | None = None
        self._unknown = 0  # so many uids, the first ones, are not known yet
        self._gone: list[int] = []

    # Numbers.

    def lacks(self, first: int, most: int) -> Snapshot | None:
        """What to ask the store for to know the uids from `first` on and those of the last `most` messages; None when
        they are known."""
        if self.exists <= AT_ONCE:
            first = 1
        if self._uids is None:
            return Snapshot(self.mailbox, self.uidnext, self.modseq, first, max(most, 1))
        lowest, missing = self._lowest, most - len(self._uids) + self._unknown
        if not self._unknown or (first >= lowest and missing <= 0):
            return None
        return Snapshot(self.mailbox, lowest, self.modseq, first, max(missing, 0))

    @property
    def since(self) -> Since:
        """What to ask the store for to move the view on."""
        return Since(self.mailbox, self.modseq, self.uidnext, self.place.reader)

    @property
    def _lowest(self) -> int:
        """The lowest uid known."""
        return self.uids[self._unknown] if self._unknown < len(self.uids) else self.uidnext

    def fill(self, uids: "array[int]") -> None:
        """The answer to what it `lacks`."""
        known = uids if self._uids is None else uids + self._uids[self._unknown :]
        self._unknown = self.exists - len(known)
        self._uids = array("I", bytes(self._unknown * known.itemsize)) + known

    @property
    def uids(self) -> "array[int]":
        """Uid of message n at [n - 1]; 0 for those not known. Ask `Session.numbers` for a view that has them."""
        if self._uids is None:
            raise RuntimeError("the view was not filled")
        return self._uids

    def sequence(self, uid: int) -> int:
        """The message sequence number of `uid`, 0 if the client was not told of it."""
        if self._unknown and uid < self._lowest:
            raise RuntimeError("the view was not filled so far")
        at = bisect_left(self.uids, uid)
        return at + 1 if at < len(self.uids) and self.uids[at] == uid else 0

    # Changes.

    def is_of(self, hint: Hint) -> bool:
        """Does the hint concern this mailbox?"""
        return hint.mailbox == self.mailbox and hint.account == self.place.account.id

    def heard(self, hint: Hint) -> bool:
        """Take note of a hint; true when it says something new."""
        if hint.modseq <= self.modseq:
            return False
        self.dirty = True
        return True

    def own(self, before: int, modseq: int) -> None:
        """The session itself moved the mailbox from `before` to `modseq` and told its client, so that is not told
        again; unless somebody else's change came first: theirs may be hidden behind ours."""
        if before <= self.modseq:
            self.modseq = max(self.modseq, modseq)

    @property
    def owes(self) -> Collection[int]:
        """Uids whose expunges are still to be told, ascending."""
        return self._gone

    def absorb(self, changes: Changes) -> None:
        """Take in what can be told at any time; `news` says it. The view must be filled from `changes.first` on."""
        known = self.uidnext
        if changes.removed:
            gone = {uid for uid in changes.removed if uid < known and self.sequence(uid)}
            self._gone = sorted(gone.union(self._gone))
        if changes.added:
            if self._uids is not None:
                self._uids.extend(one.uid for one in changes.added)
            self.exists += len(changes.added)
        self.uidnext = max(known, changes.uidnext)
        self.modseq = max(self.modseq, changes.modseq)
        self.dirty = False

    def news(self, changes: Changes, *, modseq: bool) -> Iterator[bytes]:
        """Responses for the flag changes among absorbed `changes`."""
        write = flags.Writing(self.names, self.recent_from)
        for one in changes.flagged:
            number = self.sequence(one.uid)
            if number:
                yield flags.changed(number, one, write, modseq=modseq)

    def expunge(self, *, vanished: bool = False) -> Iterator[bytes]:
        """EXPUNGE responses for all that is gone, highest first so that no number shifts under another; or one
        VANISHED, once the client knows QRESYNC (RFC 7162 3.2.10)."""
        gone, self._gone = self._gone, []
        if vanished:
            yield b"* VANISHED %b\r\n" % writer.uid_set(gone)
        else:
            for uid in reversed(gone):
                yield b"* %d EXPUNGE\r\n" % self.sequence(uid)
        if len(gone) == 1:
            del self.uids[self.sequence(gone[0]) - 1]
        elif gone:
            dead = set(gone)
            self._uids = array("I", [uid for uid in self.uids if uid not in dead])
        self.exists -= len(gone)
