"""What a SEARCH or SORT found, as the client hears of it: SEARCH, SORT or ESEARCH.
RFC 9051 7.3.4, RFC 4731, RFC 5256 4, RFC 7162 3.1.10, RFC 9394 3.1"""

from collections.abc import Sequence

from odmail.imap import writer
from odmail.imap.results import Options


class Answer:
    """Numbers found, as the command counts (sequence numbers or uids) and in the order it gives them."""

    def __init__(self, numbers: Sequence[int], modseq: int) -> None:
        self.numbers = numbers
        self._modseq = modseq  # the highest of all, 0 when the client did not ask for it

    def plain(self, name: bytes) -> bytes:
        """`* SEARCH 2 3 5`"""
        words = b" " + writer.numbers(self.numbers) if self.numbers else b""
        return b"* %b%b%b\r\n" % (name, words, self._ending(b" (MODSEQ %d)"))

    def extended(self, tag: bytes, options: Options, *, by_uid: bool) -> bytes:
        """`* ESEARCH (TAG "a") UID MIN 2 COUNT 3`"""
        words = [b"* ESEARCH (TAG %b)" % writer.quoted(tag)]
        if by_uid:
            words.append(b"UID")
        if self.numbers:
            words += [b"%b %b" % (one, self._result(one)) for one in (b"MIN", b"MAX", b"ALL") if one in options.words]
        if options.page:
            page = writer.uid_set(options.on_page(self.numbers))
            words.append(b"PARTIAL (%b %b)" % (options.page.text, page or b"NIL"))
        if b"COUNT" in options.words:
            words.append(b"COUNT %d" % len(self.numbers))
        return b" ".join(words) + self._ending(b" MODSEQ %d") + b"\r\n"

    def _result(self, option: bytes) -> bytes:
        if option == b"ALL":
            return writer.uid_set(self.numbers)
        return b"%d" % self.numbers[0 if option == b"MIN" else -1]

    def _ending(self, form: bytes) -> bytes:
        return form % self._modseq if self._modseq and self.numbers else b""
