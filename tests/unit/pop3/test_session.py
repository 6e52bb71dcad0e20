"""What the dialogs cannot show: every kind of failure has its code, bugs are survived, a TOP in pieces."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from odcore.errors import Kind
from odmail.pop3.session import CODES
from odmail.pop3.verbs.top import Head

MESSAGES = st.lists(st.sampled_from([b"\r\n", b"\n", b"a: b\r\n", b".\r\n", b"\r", b"word"]), max_size=12).map(b"".join)


def test_every_kind_of_failure_is_known():
    assert set(CODES) == set(Kind)


@given(MESSAGES, st.integers(0, 5), st.lists(st.integers(0, 40), max_size=4))
def test_top_is_the_header_and_so_many_lines_however_it_was_cut(message, lines, cuts):
    edges = [0, *sorted(min(cut, len(message)) for cut in cuts), len(message)]
    head = Head(lines)
    taken = b"".join(head.take(message[start:end]) for start, end in pairwise(edges) if not head.done)
    rows = message.split(b"\n")
    blank = next((at for at, row in enumerate(rows[:-1]) if not row.strip(b"\r")), len(rows))
    assert taken == b"\n".join(rows[: blank + 1 + lines]) + (b"\n" if blank + 1 + lines < len(rows) else b"")
