"""DATA's transparency, from both sides."""

import re

from hypothesis import given
from hypothesis import strategies as st

from odmail.wire.content import LONGEST_LINE, Flaw
from odmail.wire.dotdata import DotReader, DotWriter, LineEnds

SNIPPETS = st.lists(st.sampled_from([b"\r", b"\n", b".", b"\r\n", b"a", b"\0", b"\r\n.\r\n", b"NOOP"]), max_size=24)


def read(data: bytes, cuts: list[int]) -> tuple[bool, Flaw, bytes, bytes]:
    reader, body, rest, start = DotReader(), b"", b"", 0
    for end in [*sorted(cut % (len(data) + 1) for cut in cuts), len(data)]:
        piece, start = data[start:end], end
        if reader.done:
            rest += piece
        else:
            body += reader.feed(piece)
            rest += reader.rest
    return reader.done, reader.flaws, body if reader.done else b"", rest


@given(SNIPPETS, st.lists(st.integers(0, 200), max_size=8))
def test_any_split_reads_the_same(snippets: list[bytes], cuts: list[int]) -> None:
    """Where octets are cut makes no difference to message, flaws and rest."""
    data = b"".join(snippets)
    assert read(data, cuts) == read(data, [])


@given(SNIPPETS)
def test_reads_as_the_rfc_says(snippets: list[bytes]) -> None:
    """Against the plain definition: the first CRLF.CRLF ends it, one leading dot of each line goes."""
    data = b"".join(snippets)
    head, end, rest = (b"\r\n" + data).partition(b"\r\n.\r\n")
    done, flaws, body, left = read(data, [])
    assert done == bool(end)
    if done:
        assert left == rest
        assert body == (head + b"\r\n").replace(b"\r\n.", b"\r\n")[2:]
        bare = re.search(rb"\r(?!\n)|(?<!\r)\n", body)
        assert (Flaw.BARE_LINE_END in flaws) == bool(bare)
        assert (Flaw.NUL in flaws) == (b"\0" in body)


@given(SNIPPETS, st.lists(st.integers(0, 200), max_size=8))
def test_what_is_written_is_read_back(snippets: list[bytes], cuts: list[int]) -> None:
    """A2: whatever is fed, the wire has no bare CR or LF, one end, and a clean message comes back unchanged."""
    data = b"".join(snippets)
    writer, wire, start = DotWriter(), b"", 0
    for end in [*sorted(cut % (len(data) + 1) for cut in cuts), len(data)]:
        wire += writer.feed(data[start:end])
        start = end
    wire += writer.finish()
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", wire)
    done, flaws, body, rest = read(wire, cuts)
    assert (done, flaws & ~Flaw.NUL, rest) == (True, Flaw(0), b"")
    ends = LineEnds()
    clean = ends.feed(data) + ends.finish()
    assert body == (clean if not clean or clean.endswith(b"\r\n") else clean + b"\r\n")


@given(st.integers(-2, 2), st.lists(st.integers(0, 2 * LONGEST_LINE), max_size=3))
def test_long_lines_are_measured_exactly(more: int, cuts: list[int]) -> None:
    """One octet too many is a flaw, in any split; the message is still read to its end."""
    data = b"a\r\n" + b"x" * (LONGEST_LINE + more) + b"\r\nb\r\n.\r\nNOOP\r\n"
    done, flaws, _, rest = read(data, cuts)
    assert (done, rest) == (True, b"NOOP\r\n")
    assert (flaws == Flaw.LONG_LINE) == (more > 0)
