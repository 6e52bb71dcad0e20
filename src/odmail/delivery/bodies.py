"""A queued message as it leaves the house: without our Return-Path, with what must stand in front.  RFC 5321 4.4"""

from odcore.blob.api import Body

_RETURN_PATH = b"Return-Path:"
_LONGEST = 2048


class Leaving:
    """`prefix` and then all octets of `body` but its first `skip`."""

    __slots__ = ("_body", "_prefix", "size", "skip")

    def __init__(self, body: Body, prefix: bytes = b"", skip: int | None = None) -> None:
        """Without `skip`, all octets but those of the Return-Path field that our gate put first."""
        self._body = body
        self._prefix = prefix
        self.skip = _own_line(body) if skip is None else skip
        self.size = len(prefix) + body.size - self.skip

    def read(self, offset: int = 0, length: int = -1) -> bytes:
        """As `Body.read`."""
        end = self.size if length < 0 else min(self.size, offset + length)
        head = self._prefix[offset:end]
        start = max(offset, len(self._prefix))
        if start >= end:
            return head
        shift = self.skip - len(self._prefix)
        return head + self._body.read(start + shift, end - start)


def _own_line(body: Body) -> int:
    """The length of the Return-Path field that our gate put first; 0 when there is none."""
    start = body.read(0, _LONGEST)
    end = start.find(b"\r\n")
    return end + 2 if start.startswith(_RETURN_PATH) and end > 0 else 0
