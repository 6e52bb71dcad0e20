"""Messages that once broke something keep being read.  Found by fuzzing; each file's name says what it holds"""

from pathlib import Path

import pytest

from odmail.message.parse import parse

CORPUS = Path(__file__).resolve().parents[2] / "corpus" / "message"


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.eml")), ids=lambda path: path.stem)
def test_what_once_broke_is_read_and_answered_in_good_form(path, well_formed):
    well_formed(parse(path.read_bytes()))
