"""The outline of a header gives the same fields as the header itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmail.imap.section import pick_fields
from odmail.message.outline import NAMES, Picker, draw

lines = st.builds(
    lambda name, value, end: name + value + end,
    st.sampled_from((*NAMES[:12], b"X-Other", b"FROM", b"Subject ", b"", b" ", b"\t", b"to\n ", b"date\r\n")),
    st.one_of(st.binary(max_size=12), st.sampled_from((b":", b": a", b": a,\r\n b", b":\0", b"\r"))),
    st.sampled_from((b"\r\n", b"\n", b"", b"\r\n\r\n")),
)
blocks = st.lists(lines, max_size=20).map(b"".join)
wanted = st.frozensets(st.sampled_from(NAMES))


def picked(outline, names):
    return Picker(names, lambda header: pick_fields(header, names)).pick(outline)


@given(blocks, wanted)
def test_what_is_picked_out_of_an_outline_is_what_is_picked_out_of_the_header(block, names):
    assert picked(draw(block), names) == pick_fields(block, names).replace(b"\0", b"\x80")


@given(blocks)
def test_no_outline_is_taken_for_a_header(block):
    assert not draw(block).startswith(b"\0")


@pytest.mark.parametrize("block", [b"To: a\r\n" * 300, b"To: " + b"a" * 70_000 + b"\r\n"])
def test_a_header_that_is_no_usual_one_has_no_outline(block):
    assert draw(block) is None
