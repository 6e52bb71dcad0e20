"""BDAT's chunks: so many octets, whatever they are.  RFC 3030 2"""


class ChunkReader:
    """Cuts `size` octets off a stream; `done` once they are complete, `rest` is what came after them."""

    __slots__ = ("_left", "done", "rest")

    def __init__(self, size: int) -> None:
        self._left = size
        self.done = size == 0
        self.rest = b""

    def feed(self, data: bytes) -> bytes:
        """The chunk's next octets. Not to be called once `done`."""
        block = data[: self._left]
        self._left -= len(block)
        if not self._left:
            self.done = True
            self.rest = data[len(block) :]
        return block


def chunk(data: bytes, last: bool) -> bytes:
    """One BDAT command with its octets."""
    return b"BDAT %d%s\r\n%s" % (len(data), b" LAST" if last else b"", data)
