"""Numbers, dates and names as they come out of Excel."""

import pytest

from odcore.directory.bulk import values
from odcore.directory.bulk.naming import numbered, proposed
from odcore.directory.bulk.odia import romanized
from odcore.errors import Fault


@pytest.mark.parametrize(
    "text",
    ["9437012345", "+91-94370 12345", "09437012345", "0091 9437012345", "9437012345.0", "9.437012345E9", "୯୪୩୭୦୧୨୩୪୫"],
)
def test_a_mobile_number_is_one_however_it_is_written(text):
    assert values.mobile(text) == "+919437012345"


@pytest.mark.parametrize(
    "text", ["9.4370E9", "943701234", "94370123456", "5437012345", "mobile", "9437012345/9437012346"]
)
def test_a_mobile_number_that_lost_digits_is_never_guessed(text):
    with pytest.raises(Fault):
        values.mobile(text)


@pytest.mark.parametrize("text", ["31-03-2031", "31/03/2031", "31.03.2031", "2031-03-31", "31-Mar-2031", "47938"])
def test_a_date_is_one_however_it_is_written(text):
    assert values.day(text).isoformat() == "2031-03-31"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Sri  HARI DAS", "Hari Das"),
        ("Smt. Lata Nayak", "Lata Nayak"),
        ("ଶ୍ରୀମତୀ ଲତା ନାୟକ", "ଲତା ନାୟକ"),
        ("Dr. A. K. Das", "A. K. Das"),
    ],
)
def test_a_name_is_without_its_title(text, name):
    assert values.name(text) == name


@pytest.mark.parametrize("text", ["=1+1", "<script>", "*)(uid=*", "H\u0430ri1", "Haଲtା"])
def test_what_is_no_name_is_refused(text):
    with pytest.raises(Fault):
        values.name(text)


@pytest.mark.parametrize(
    ("odia", "latin"),
    [("ସସ୍ମିତା ନାୟକ", "Sasmita Nayak"), ("ପ୍ରକାଶ ବେହେରା", "Prakash Behera"), ("ସୁନୀତା ହେମ୍ବ୍ରମ", "Sunita Hembram")],
)
def test_an_odia_name_is_spelled_as_people_do(odia, latin):
    assert romanized(odia) == latin


@pytest.mark.parametrize(
    ("given", "family", "address"),
    [
        ("Bibhuti Bhusan", "Das", "bibhuti.das"),
        ("A. K.", "Das", "ak.das"),
        ("José", "Müller", "jose.muller"),
        ("", "Das", "das"),
    ],
)
def test_an_address_is_made_by_the_rules(given, family, address):
    assert proposed(given, family) == address


def test_addresses_are_numbered_where_somebody_has_them():
    assert numbered(["a", "b", "a", "a"], lambda asked: asked & {"a2", "b"}) == ["a", "b2", "a3", "a4"]
