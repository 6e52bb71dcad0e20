"""SEARCH of text in any script beside a naive reading: composed or not, in any case, joiners nowhere in the way."""

import tempfile
import unicodedata
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import given, settings

from odmail.mailbox import search as criteria
from odmail.mailbox.api import Search
from odtest.store import letter, put, shelf

JOINERS = "\u200c\u200d\u00ad"
PIECES = [  # conjuncts, letters in two spellings, what casefolding makes longer
    *(
        "କ୍ଷ",
        "ଓଡ଼ିଶା",
        "ଜ୍ଞାନ",
        "ସ୍ତ୍ରୀ",
        "ୟ",
        "କୋ",
        "କେ",
        "ଡ\u0b3c",
        "\u0b5c",
        "ଭୁବନେଶ୍ୱର",
    ),  # conjuncts, a letter in two spellings
    *("हिन्दी", "क\u093c", "\u0958", "Straße", "STRASSE", "café", "cafe\u0301", "İ", "ΣΑΣ", "σας"),
    *(" ", "  ", "\t", "a", "Z", "9", "-", "\u200d", "\u200c", "\u00ad", "日本", "🙂"),
]
TEXTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join)


def plain(text: str) -> str:
    """What a person sees of it."""
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    text = "".join(letter for letter in text if letter not in JOINERS)
    words = " ".join(text.split())
    return (" " if text[:1].isspace() else "") + words + (" " if words and text[-1:].isspace() else "")


@st.composite
def needles(draw: st.DrawFn) -> str:
    """A piece of some text, in another spelling: one letter, two, or more."""
    text = draw(TEXTS)
    first = draw(st.integers(0, len(text) - 1))
    part = text[first : first + draw(st.sampled_from([1, 1, 2, 2, 3, 5, 9]))]
    spell = draw(st.sampled_from([str, str.upper, str.lower, lambda one: unicodedata.normalize("NFD", one)]))
    joiner = draw(st.sampled_from(["", "", *JOINERS]))
    return joiner.join(spell(part))


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=5), st.lists(needles(), min_size=1, max_size=8), st.booleans())
def test_a_text_is_found_where_a_person_sees_it(texts: list[str], sought: list[str], indexed: bool) -> None:
    """Indexed or not, whatever the length of what is sought."""
    with tempfile.TemporaryDirectory() as folder, shelf(Path(folder)) as one:
        account = one.open()
        put(account, *(letter(f"{number}", f"#{text}#\r\n") for number, text in enumerate(texts)))
        while indexed and account.index_pending():
            pass
        inbox = account.mailbox("INBOX").id
        for needle in sought:
            found = account.search(Search(inbox, criteria.Text(needle, header=False))).uids
            expected = [uid for uid, text in enumerate(texts, 1) if plain(needle) in plain(f"#{text}#\r\n")]
            assert list(found) == expected, (needle, texts)
