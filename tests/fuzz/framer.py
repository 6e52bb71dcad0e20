"""Lines and literals: any split gives the same frames, and nothing is kept beyond the limit.  odmail.wire.lines"""

from fuzz.oracle import split
from odmail.wire.lines import Framer, Overflow, Piece

LINE = 200
LITERAL = 1000


def one(data: bytes) -> None:
    assert _frames([data]) == _frames(split(data))


def _frames(pieces: list[bytes]) -> list[object]:
    framer = Framer(LINE)
    found: list[object] = []
    literal = b""
    for piece in pieces:
        framer.feed(piece)
        while (frame := framer.next()) is not None:
            if isinstance(frame, Overflow):
                return [*found, frame]
            if isinstance(frame, Piece):
                literal += frame.data
                if frame.last:
                    found.append(literal)
                    literal = b""
                continue
            assert len(frame.data) <= LINE
            found.append(frame)
            if frame.literal is not None:
                if frame.literal.size > LITERAL:
                    framer.refuse()
                else:
                    framer.take(frame.literal.size)
    assert framer.waiting <= LINE + 1
    return found
