"""Result options of SEARCH and SORT: what the client wants to be told of what is found.
RFC 4731 3.1, RFC 5267 3, RFC 9394 3.1"""

from array import array
from collections.abc import Sequence

import msgspec

from odmail.imap.reader import Reader
from odmail.imap.types import BadSyntax

_WORDS = frozenset((b"MIN", b"MAX", b"ALL", b"COUNT", b"SAVE"))
_PAGES = b"0123456789:-"


class Page(msgspec.Struct, frozen=True):
    """PARTIAL 1:500, or -1:-100 counted from the end."""

    text: bytes
    first: int
    last: int

    def bounds(self, count: int) -> tuple[int, int]:
        """The page among `count` results: the first position and the one behind the last."""
        if self.first > 0:
            return min(self.first - 1, count), min(self.last, count)
        return max(0, count + self.first), max(0, count + self.last + 1)


class Options(msgspec.Struct, frozen=True):
    """What stood in RETURN (...). `given` is false when there was none: the answer is then the old one."""

    words: frozenset[bytes] = frozenset((b"ALL",))
    page: Page | None = None
    given: bool = False

    @property
    def silent(self) -> bool:
        """Only SAVE: nothing is to be told."""
        return self.words == {b"SAVE"} and self.page is None

    def kept(self, uids: "array[int]") -> "array[int]":
        """Those of `uids` that the options are about, ascending: for SAVE and for the modseq.
        RFC 5182 2.1, RFC 4731 3.2, RFC 9394 3.2"""
        ends = self.words & {b"MIN", b"MAX"}
        if not uids or self.words & {b"ALL", b"COUNT"} or not (ends or self.page):
            return array("I", sorted(uids))
        about = {uids[0 if end == b"MIN" else -1] for end in ends}
        return array("I", sorted(about.union(self.on_page(uids))))

    def on_page(self, found: Sequence[int]) -> Sequence[int]:
        """Those that PARTIAL asks for, in their order."""
        first, end = self.page.bounds(len(found)) if self.page else (0, 0)
        return found[first:end]


def read(args: Reader) -> Options:
    """RETURN (...) and the space after it, if they are there."""
    if not args.take_word(b"RETURN"):
        return Options()
    args.space()
    pages: list[Page] = []
    words = frozenset(args.list_of(lambda: _read_option(args, pages)))
    args.space()
    if len(pages) > 1 or (pages and b"ALL" in words):  # RFC 9394 3.1
        raise BadSyntax("one PARTIAL or ALL, not more")
    words -= {b"PARTIAL"}
    if words - _WORDS:
        raise BadSyntax("unknown result option")
    if not words and not pages:
        words = Options().words
    return Options(words, pages[0] if pages else None, given=True)


def _read_option(args: Reader, pages: list[Page]) -> bytes:
    word = args.word()
    if word == b"PARTIAL":
        args.space()
        pages.append(read_page(args))
    return word


def read_page(args: Reader) -> Page:
    """Two positions, both from the start or both from the end, in either order."""
    text = args.run(_PAGES)
    numbers = text.split(b":")
    if len(numbers) != 2 or not all(one.removeprefix(b"-").isdigit() and len(one) < 12 for one in numbers):
        raise args.bad("a range")
    first, last = sorted(map(int, numbers))
    if first * last <= 0:
        raise BadSyntax("a range has both ends counted from the same side")
    return Page(text, first, last)
