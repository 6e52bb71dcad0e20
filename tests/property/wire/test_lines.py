"""The framer: however octets were split, the same lines and the same literals; nothing is kept beyond limits."""

from hypothesis import given
from hypothesis import strategies as st

from odmail.wire.lines import Framer, Line, Overflow, Piece

LIMIT = 200

words = st.text(alphabet='abc {}+~"\\\r', max_size=12).map(str.encode)
literals = st.binary(max_size=40)


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    """Commands with literals of both kinds, and rubbish between them."""
    parts: list[bytes] = []
    for _ in range(draw(st.integers(0, 8))):
        parts.append(draw(words))
        if draw(st.booleans()):
            octets = draw(literals)
            parts.append(b"{%d%b}\r\n%b" % (len(octets), draw(st.sampled_from([b"", b"+"])), octets))
        parts.append(draw(st.sampled_from([b"\r\n", b"\n", b""])))
    return b"".join(parts)


def frames(pieces: list[bytes]) -> list[object]:
    """What comes out, the pieces of one literal joined. Literals over 100 octets are refused."""
    framer = Framer(LIMIT)
    out: list[object] = []
    taken: list[bytes] = []
    for piece in pieces:
        framer.feed(piece)
        while (frame := framer.next()) is not None:
            if isinstance(frame, Overflow):
                return [*out, frame]
            if isinstance(frame, Piece):
                taken.append(frame.data)
                if frame.last:
                    out.append(b"".join(taken))
                    taken = []
                continue
            out.append(frame)
            if frame.literal is not None:
                if frame.literal.size > 100:
                    framer.refuse()
                else:
                    framer.take(frame.literal.size)
    return out


@given(streams(), st.lists(st.integers(1, 30)))
def test_any_split_gives_the_same_frames(stream: bytes, sizes: list[int]) -> None:
    """Whole, octet by octet, and cut anywhere."""
    whole = frames([stream])
    assert frames([stream[at : at + 1] for at in range(len(stream))]) == whole
    cut: list[bytes] = []
    at = 0
    for size in sizes:
        cut.append(stream[at : at + size])
        at += size
    assert frames([*cut, stream[at:]]) == whole


@given(st.lists(literals, max_size=5))
def test_literals_come_back_octet_for_octet(contents: list[bytes]) -> None:
    """Whatever stands in them."""
    stream = b"".join(b"a {%d}\r\n%b\r\n" % (len(one), one) for one in contents)
    assert [one for one in frames([stream]) if isinstance(one, bytes)] == contents


def test_a_line_without_end_is_noticed_while_it_arrives() -> None:
    """Memory is bounded by the limit, not by what the client likes to send."""
    framer = Framer(LIMIT)
    framer.feed(b"x" * (LIMIT + 2))
    assert framer.next() == Overflow()


def test_a_literal_of_absurd_size_is_only_announced() -> None:
    """No number of digits is turned into memory."""
    framer = Framer(LIMIT)
    framer.feed(b"a {" + b"9" * 60 + b"}\r\n")
    line = framer.next()
    assert isinstance(line, Line)
    assert line.literal is not None
    assert line.literal.size == 1 << 63


def test_clear_forgets_what_was_fed() -> None:
    """STARTTLS: neither the rest of the segment nor half a literal survives."""
    framer = Framer(LIMIT)
    framer.feed(b"a {5}\r\nab")
    assert isinstance(framer.next(), Line)
    framer.take(5)
    framer.next()
    framer.clear()
    framer.feed(b"b NOOP\r\n")
    assert framer.next() == Line(b"b NOOP")
    assert framer.waiting == 0
