"""Entries of a directory book as hypothesis makes them: few letters of two scripts, so that much of it meets."""

from hypothesis import strategies as st

from odcore.directory.listing import Listing, ListingKind

LETTERS = "ab\"'-, ;\\\nକଖ\u0b47\u200dAÅ\u030a"
_words = st.text(LETTERS, max_size=6)
_numbers = st.lists(st.text("0123 +-()", min_size=1, max_size=8), max_size=2).map(tuple)
entries = st.lists(
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
