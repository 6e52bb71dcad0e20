"""The index of the directory book never hides a card that fits the filter, and never shows one that does not."""

import tempfile
from pathlib import Path
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from oddav.book.card import V4, Around, card
from oddav.book.index import Index
from oddav.radicale.directory import fitting
from oddav.radicale.narrowing import narrow
from odtest.listed import LETTERS, entries

_tests = st.tuples(
    st.sampled_from(["FN", "N", "NICKNAME", "EMAIL", "TEL", "ORG", "TITLE", "UID", "NOTE"]),
    st.sampled_from(["contains", "equals", "starts-with", "ends-with"]),
    st.text(LETTERS.replace("\n", "") + "0123 +-", max_size=5),
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
    entries,
    st.lists(st.lists(_tests, min_size=1, max_size=2), max_size=3),
    st.sampled_from(["anyof", "allof"]),
    st.sampled_from(["anyof", "allof"]),
    st.booleans(),
)
def test_the_index_finds_what_looking_at_each_card_finds(listed, groups, outer, inner, numbers):
    asked = _filter(groups, outer, inner)
    fits = fitting(asked)
    wanted = {each.id for each in listed if each.listed and fits(card(each, Around(), V4, numbers))}
    with tempfile.TemporaryDirectory() as folder:
        index = Index(Path(folder))
        index.put(listed)
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
