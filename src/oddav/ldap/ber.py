"""The Basic Encoding Rules as far as LDAP lets them be used: definite lengths, tags of one octet.  RFC 4511 5.1"""

MOST = 16 << 10
"""Octets of one message."""

SEQUENCE, SET = 0x30, 0x31
BOOLEAN, INTEGER, OCTETS, ENUMERATED = 0x01, 0x02, 0x04, 0x0A

_LONG_TAG = 0x1F
_LENGTH_OCTETS = 4
_INTEGER_OCTETS = 4


class Broken(Exception):
    """These octets are not what they should be."""


class Frames:
    """Cuts what a client sends into messages."""

    def __init__(self) -> None:
        self._data = bytearray()

    @property
    def waiting(self) -> int:
        """Octets that are no message yet, or not asked for."""
        return len(self._data)

    def feed(self, octets: bytes) -> None:
        """It said something."""
        self._data += octets

    def next(self) -> bytes | None:
        """A message's content; None while it is not all there. Raises Broken as soon as it can never be one."""
        if self._data and self._data[0] != SEQUENCE:
            raise Broken("not a message of LDAP")
        found = _length(self._data, 1, len(self._data))
        if found is None:
            return None
        length, start = found
        if length > MOST:
            raise Broken("the message is too large")
        if len(self._data) < start + length:
            return None
        content = bytes(self._data[start : start + length])
        del self._data[: start + length]
        return content


class Reader:
    """The elements within one."""

    __slots__ = ("_at", "_data", "_end")

    def __init__(self, data: bytes, start: int = 0, end: int | None = None) -> None:
        self._data = data
        self._at = start
        self._end = len(data) if end is None else end

    @property
    def tag(self) -> int | None:
        """Of the next element; None when there is none."""
        return self._data[self._at] if self._at < self._end else None

    def inside(self, tag: int) -> "Reader":
        """The elements of the next one."""
        start, end = self._next(tag)
        return Reader(self._data, start, end)

    def octets(self, tag: int = OCTETS) -> bytes:
        """The next one's content."""
        start, end = self._next(tag)
        return self._data[start:end]

    def text(self, tag: int = OCTETS) -> str:
        """The same, of characters."""
        try:
            return self.octets(tag).decode("utf-8")
        except UnicodeDecodeError:
            raise Broken("a string is not UTF-8") from None

    def integer(self, tag: int = INTEGER) -> int:
        """A number."""
        octets = self.octets(tag)
        if not 0 < len(octets) <= _INTEGER_OCTETS:
            raise Broken("not a number")
        return int.from_bytes(octets, "big", signed=True)

    def boolean(self) -> bool:
        """Yes or no."""
        octets = self.octets(BOOLEAN)
        if len(octets) != 1:
            raise Broken("neither true nor false")
        return octets != b"\0"

    def end(self) -> None:
        """There must be nothing more."""
        if self._at != self._end:
            raise Broken("more than was expected")

    def _next(self, tag: int) -> tuple[int, int]:
        if self.tag != tag or tag & _LONG_TAG == _LONG_TAG:
            raise Broken("an element is missing")
        found = _length(self._data, self._at + 1, self._end)
        if found is None or found[0] + found[1] > self._end:
            raise Broken("an element is longer than what it is in")
        length, start = found
        self._at = start + length
        return start, self._at


def element(tag: int, *parts: bytes) -> bytes:
    """One element of these parts."""
    content = b"".join(parts)
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


def number(value: int, tag: int = INTEGER) -> bytes:
    """A number."""
    return element(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def _length(data: bytes | bytearray, at: int, end: int) -> tuple[int, int] | None:
    """And where the content starts; None when the length is not all there.

    Windows writes all lengths in four octets, so that they need not be the shortest.
    """
    if at >= end:
        return None
    first = data[at]
    if first < 0x80:
        return first, at + 1
    count = first & 0x7F
    if not 0 < count <= _LENGTH_OCTETS:
        raise Broken("a length that LDAP does not have")
    if at + 1 + count > end:
        return None
    return int.from_bytes(data[at + 1 : at + 1 + count], "big"), at + 1 + count
