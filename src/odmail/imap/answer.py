"""What a SEARCH found, as the client hears of it: SEARCH or ESEARCH.  RFC 9051 7.3.4, RFC 4731, RFC 7162 3.1.10"""

from array import array
from collections.abc import Iterable, Sequence

from odmail.imap import writer


class Answer:
    """Uids found, ascending, and their numbers as the command counts: uids again for UID SEARCH."""

    def __init__(self, uids: "array[int]", numbers: Sequence[int], modseq: int) -> None:
        self.uids = uids
        self.numbers = numbers
        self._modseq = modseq  # the highest of all, 0 when the client did not ask for it

    def plain(self) -> bytes:
        """`* SEARCH 2 3 5`"""
        return b"* SEARCH%b%b\r\n" % (b"".join([b" %d" % one for one in self.numbers]), self._ending(b" (MODSEQ %d)"))

    def extended(self, tag: bytes, options: Iterable[bytes], *, by_uid: bool) -> bytes:
        """`* ESEARCH (TAG "a") UID MIN 2 COUNT 3`"""
        words = [b"* ESEARCH (TAG %b)" % writer.quoted(tag)]
        if by_uid:
            words.append(b"UID")
        if self.numbers:
            words += [
                b"%b %b" % (option, self._result(option)) for option in (b"MIN", b"MAX", b"ALL") if option in options
            ]
        if b"COUNT" in options:
            words.append(b"COUNT %d" % len(self.numbers))
        return b" ".join(words) + self._ending(b" MODSEQ %d") + b"\r\n"

    def _result(self, option: bytes) -> bytes:
        if option == b"ALL":
            return writer.uid_set(self.numbers)
        return b"%d" % self.numbers[0 if option == b"MIN" else -1]

    def _ending(self, form: bytes) -> bytes:
        return form % self._modseq if self._modseq and self.numbers else b""


def kept(uids: "array[int]", options: frozenset[bytes]) -> "array[int]":
    """The part of it that the options are about: for SAVE and for the modseq.  RFC 5182 2.1, RFC 4731 3.2"""
    if not options & {b"MIN", b"MAX"} or options & {b"ALL", b"COUNT"} or not uids:
        return uids
    ends = {uids[0 if option == b"MIN" else -1] for option in options & {b"MIN", b"MAX"}}
    return array("I", sorted(ends))
