"""SEARCH by flags, keywords and one range of uids: answered from the mailbox's mirror.  RFC 9051 6.4.4"""

from array import array
from collections.abc import Sequence
from functools import cache
from itertools import compress

import msgspec

from odmail.mailbox import keywords
from odmail.mailbox.api import Found
from odmail.mailbox.mirror import FEW, Mirror, Mirrors
from odmail.mailbox.placements import SEEN
from odmail.mailbox.search import All, And, Criterion, HasFlags, HasKeyword, Uids
from odmail.mailbox.transaction import Box, Transaction

_LAST = (1 << 32) - 1


class Plain(msgspec.Struct):
    """Criteria that must all hold."""

    first: int = 1  # uids
    last: int = _LAST
    on: int = 0  # flags that are set
    off: int = 0  # flags that are not
    words: list[HasKeyword] = msgspec.field(default_factory=list)

    @property
    def is_narrow(self) -> bool:
        """Are few messages looked at, however large the mailbox?"""
        return self.last - self.first < FEW

    def mirror(self, tx: Transaction, box: Box, reader: int, mirrors: Mirrors) -> Mirror | None:
        """Where to look; None where the database has the answer sooner, by the index of messages the owner has not
        seen."""
        if not (self.on | self.off) & SEEN:
            reader = 0
        if self.is_narrow:
            return mirrors.current(tx, box, reader) or mirrors.part(tx, box, reader, self.first, self.last)
        known = mirrors.renewed(tx, box, reader)
        if known is None and (reader or not (self.off & SEEN and box.unseen < FEW)):
            return mirrors.made(tx, box, reader)
        return known

    def found(self, tx: Transaction, mirror: Mirror) -> Found:
        """Those for which all holds."""
        at = mirror.between(self.first, self.last)
        meets: Sequence[int] = mirror.flags[at].translate(_meeting(self.on, self.off))
        for word in self.words:
            bit = keywords.bits(tx, (word.name,), make=False)
            has = [bool(words & bit) is word.on for words in mirror.keywords[at]]
            meets = [both and one for both, one in zip(meets, has, strict=True)]
        modseq = max(compress(mirror.modseqs[at], meets), default=0)
        return Found(array("I", compress(mirror.uid[at], meets)), modseq)


def plain(criterion: Criterion) -> Plain | None:
    """The criterion, if it is that plain."""
    read = Plain()
    for part in criterion.parts if isinstance(criterion, And) else (criterion,):
        match part:
            case All():
                pass
            case Uids(ranges) if len(ranges) == 1:
                read.first, read.last = max(read.first, ranges[0][0]), min(read.last, ranges[0][1])
            case HasFlags(flags, on):
                mask = int(flags)  # arithmetic on an enum is twenty times slower
                read.on, read.off = (read.on | mask, read.off) if on else (read.on, read.off | mask)
            case HasKeyword():
                read.words.append(part)
            case _:
                return None
    return read


@cache
def _meeting(on: int, off: int) -> bytes:
    """For each value of the flags: does it have all of `on` and none of `off`?"""
    return bytes(flags & on == on and not flags & off for flags in range(256))
