"""A note is the same note in both of its forms."""

import hypothesis.strategies as st
from hypothesis import example, given

from odcore import clock
from odcore.notes import note
from oddav.calendar.facts import facts, horizon
from oddav.notes import journal
from odmail.message.parse import parse
from odmail.notes import letter

TEXT = st.text(max_size=60, alphabet=st.one_of(st.sampled_from(" \n\t<>&;,\\=?ଓ\xa0\u2028\r\x07"), st.characters()))
NOW = 1_780_000_000


@given(TEXT, TEXT)
@example("", "  a\n\n   b  c")
@example("a", "a\n a\nb")
@example("", "x" * 600)
@example("=?utf-8?q?a?=", "&nbsp;<br>")
@example("t" * 1200, "")
def test_a_note_is_read_as_it_was_written(title, text):
    one = note(title, text, NOW, NOW)
    assert note(one.title, one.text).digest == one.digest
    octets = letter.write("K", one, ("ମୀନା", "m@x"), "host")
    parsed = parse(octets)
    read = letter.read(
        octets[: parsed.header_size], parsed.part, lambda at=0, size=-1: octets[at:] if size < 0 else octets[at:][:size]
    )
    assert read == one
    made = journal.made("K", one)
    facts(made, horizon(clock.now()))
    assert journal.read(made) == one
    again = journal.revised(journal.made("K", note("old", "text\nof it", NOW, NOW)), one)
    assert journal.read(again) == one
