"""i;unicode-casemap.  RFC 5051"""

import pytest

from odmail.message.casemap import key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("abc", "ABC"),
        ("Café", "CAFE\u0301"),
        ("\u0b5c", "\u0b21\u0b3c"),  # an Odia letter, whole and in two
        ("ǆ", "ǅ"),
        ("ＡＢ", "ab"),
        ("σ", "ς"),
    ],
)
def test_the_same_but_for_case_and_composition(one, other):
    assert key(one) == key(other)


@pytest.mark.parametrize(("one", "other"), [("ß", "ss"), ("କ", "ଖ"), ("i", "ı\u0307")])
def test_not_the_same(one, other):
    assert key(one) != key(other)


def test_the_order_is_that_of_capitals():
    assert sorted(["_", "b", "A", "é", "ଓ", "Z"], key=key) == ["A", "b", "é", "Z", "_", "ଓ"]
