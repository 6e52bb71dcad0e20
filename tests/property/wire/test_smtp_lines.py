"""Command lines from any stream."""

from hypothesis import given
from hypothesis import strategies as st

from odmail.wire.smtp_lines import COMMAND_LIMIT, FLOOD, Broken, Lines


def frames(data: bytes, cuts: list[int]) -> list[bytes | Broken]:
    lines, found, start = Lines(), [], 0
    for end in [*sorted(cut % (len(data) + 1) for cut in cuts), len(data)]:
        lines.feed(data[start:end])
        start = end
        while (frame := lines.next()) is not None:
            found.append(frame)
            if frame is Broken.FLOOD:
                return found
    return found


SNIPPETS = st.lists(
    st.sampled_from(
        [b"\r\n", b"\n", b"\r", b"\0", b"NOOP", b"AUTH ", b"x" * 700, b"x" * COMMAND_LIMIT, b"y" * 9000, b"z" * FLOOD]
    ),
    max_size=10,
)


@given(SNIPPETS, st.lists(st.integers(0, 200_000), max_size=6))
def test_any_split_gives_the_same_frames(snippets: list[bytes], cuts: list[int]) -> None:
    """Lines, broken ones and floods come out alike, and nothing kept exceeds its bound."""
    data = b"".join(snippets)
    assert frames(data, cuts) == frames(data, [])


def test_limits() -> None:
    """2,048 octets fit, one more does not; AUTH has 12,288; an overlong line is answered once."""
    assert frames(b"x" * (COMMAND_LIMIT - 1) + b"\r\n", []) == [b"x" * (COMMAND_LIMIT - 1)]
    assert frames(b"x" * COMMAND_LIMIT + b"\r\nNOOP\r\n", []) == [Broken.OVERLONG, b"NOOP"]
    assert frames(b"AUTH " + b"x" * 12000 + b"\r\n", []) == [b"AUTH " + b"x" * 12000]
    assert frames(b"AUTH " + b"x" * 12288 + b"\r\nNOOP\r\n", []) == [Broken.OVERLONG, b"NOOP"]
    assert frames(b"x" * (1 << 20), [1 << 19]) == [Broken.OVERLONG, Broken.FLOOD]
