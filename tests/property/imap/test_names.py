"""Mailbox names: modified UTF-7 round trips, and patterns mean what the RFC says."""

import re

from hypothesis import given
from hypothesis import strategies as st

from odmail.imap import utf7
from odmail.imap.pattern import Pattern

letters = st.text(alphabet=st.characters(exclude_categories=("Cs",)))


@given(letters)
def test_utf7_round_trip(name: str) -> None:
    """Every name survives, and only printable ASCII travels."""
    wire = utf7.encode(name)
    assert all(0x20 <= octet <= 0x7E for octet in wire)
    assert utf7.decode(wire) == name


@given(st.binary(max_size=30))
def test_utf7_has_one_spelling_for_each_name(wire: bytes) -> None:
    """What decodes is what would have been encoded; everything else is refused, never guessed at."""
    try:
        name = utf7.decode(wire)
    except ValueError:
        return
    assert utf7.encode(name) == wire


def test_utf7_of_the_standard() -> None:
    """RFC 3501 5.1.3's example, an ampersand, and Odia."""
    assert utf7.decode(b"~peter/mail/&U,BTFw-/&ZeVnLIqe-") == "~peter/mail/\u53f0\u5317/\u65e5\u672c\u8a9e"
    assert utf7.encode("A&B") == b"A&-B"
    assert utf7.decode(utf7.encode("ପତ୍ର")) == "ପତ୍ର"


@given(st.text(alphabet="ab/%*", max_size=8), st.text(alphabet="ab/", max_size=10))
def test_patterns_match_like_their_regular_expression(pattern: str, name: str) -> None:
    """'*' is anything, '%' anything but a slash."""
    model = "".join({"*": ".*", "%": "[^/]*"}.get(letter, re.escape(letter)) for letter in pattern)
    assert Pattern(pattern).matches(name) == bool(re.fullmatch(model, name))


def test_a_pattern_cannot_blow_up() -> None:
    """A30: a thousand wildcards against a long name, a hundred times, in no time."""
    pattern = Pattern("%*a" * 300 + "x")
    for _ in range(100):
        assert not pattern.matches("a" * 1000)
