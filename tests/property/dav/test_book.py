"""The index of the directory book never hides a card that fits the filter, and never shows one that does not."""

import tempfile
from pathlib import Path
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from odcore.directory.listing import Listing, ListingKind
from oddav.book.card import V4, Around, card
from oddav.book.index import Index
from oddav.radicale.directory import fitting
from oddav.radicale.narrowing import narrow

_LETTERS = "ab\"'-, ;\\\nକଖ\u0b47\u200dAÅ\u030a"
_words = st.text(_LETTERS, max_size=6)
_numbers = st.lists(st.text("0123 +-()", min_size=1, max_size=8), max_size=2).map(tuple)
_entries = st.lists(
    st.builds(
        Listing,
        id=st.uuids().map(str),
        kind=st.sampled_from([ListingKind.PERSON, ListingKind.POST, ListingKind.LIST]),
        stamp=st.just("20260101000000.000000Z#000000#000#000000"),
        listed=st.booleans(),
        name=_words,
        names=st.dictionaries(st.sampled_from(["or", "hi"]), _words),
        given_name=_words,
        family_name=_words,
        title=_words,
        addresses=st.lists(_words, max_size=2).map(tuple),
        telephones=_numbers,
        mobiles=_numbers,
    ),
    max_size=6,
    unique_by=lambda each: each.id,
)
_tests = st.tuples(
    st.sampled_from(["FN", "N", "NICKNAME", "EMAIL", "TEL", "ORG", "TITLE", "UID", "NOTE"]),
    st.sampled_from(["contains", "equals", "starts-with", "ends-with"]),
    st.text(_LETTERS.replace("\n", "") + "0123 +-", max_size=5),
    st.booleans(),
)


def _filter(groups: list[list[tuple[str, str, str, bool]]], outer: str, inner: str) -> ElementTree.Element:
    """A prop-filter for each group, of the property that its first test names."""
    space = "{urn:ietf:params:xml:ns:carddav}"
    asked = ElementTree.Element("filter", test=outer)
    for tests in groups:
        prop = ElementTree.SubElement(asked, f"{space}prop-filter", name=tests[0][0], test=inner)
        for _, how, text, negated in tests:
            match = {"match-type": how, "negate-condition": "yes" if negated else "no"}
            ElementTree.SubElement(prop, f"{space}text-match", match).text = text
    return asked


@settings(max_examples=60, deadline=None)
@given(
    _entries,
    st.lists(st.lists(_tests, min_size=1, max_size=2), max_size=3),
    st.sampled_from(["anyof", "allof"]),
    st.sampled_from(["anyof", "allof"]),
    st.booleans(),
)
def test_the_index_finds_what_looking_at_each_card_finds(entries, groups, outer, inner, numbers):
    asked = _filter(groups, outer, inner)
    fits = fitting(asked)
    wanted = {each.id for each in entries if each.listed and fits(card(each, Around(), V4, numbers))}
    with tempfile.TemporaryDirectory() as folder:
        index = Index(Path(folder))
        index.put(entries)
        index.set_state("whole", "yes")
        found, more = index.find(
            narrow(asked, numbers),
            [],
            lambda reading, entry: fits(card(entry, reading.around(entry), V4, numbers)),
            most=100,
            looks=100,
        )
        index.close()
    assert {each.id for each in found} == wanted
    assert not more
