"""Codes to mobile numbers: limits hold, and tell nobody whose number it is."""

from types import SimpleNamespace
from typing import Any

import pytest

from odcore import clock
from odcore.directory.model import Person
from odcore.errors import Fault, Kind
from odcore.ids import AccountId
from odtest.pages import Kept, Town

NUMBER = "+919437000077"


@pytest.fixture
def kept() -> Kept:
    kept = Kept(Town())
    from odweb.mobile.models import Sent

    Sent.objects.all().delete()
    return kept


def asked(kept: Kept, address: str = "198.51.100.7") -> Any:
    return SimpleNamespace(house=kept.house, META={"REMOTE_ADDR": address})


def live(kept: Kept) -> list[str]:
    return [each.facts["code"] for each in kept.sms if each.expires > clock.now()]


def test_who_types_a_name_does_not_learn_that_its_number_has_just_had_a_code(kept):
    """Whether for another purpose or under another name of the same person: the answer is that for nobody's name."""
    from odweb.mobile import codes

    codes.send(asked(kept), "apply", "application", NUMBER)
    for name in ("sasmita", "sasmita@odisha.example", "sasmita.nayak@odisha.example"):
        codes.send(asked(kept), "password", "her id", NUMBER, name=name)
    codes.send(asked(kept), "password", "nobody", "unknown nobody", wanted=False, name="nobody")
    _, good = live(kept)
    codes.check("password", "her id", good)
    assert len(kept.sms) == 5


def test_who_types_a_number_does_not_learn_that_a_name_of_it_has_just_had_a_code(kept):
    from odweb.mobile import codes

    codes.send(asked(kept), "password", "her id", NUMBER, name="sasmita")
    codes.send(asked(kept), "apply", "application", NUMBER)
    with pytest.raises(Fault) as refused:
        codes.send(asked(kept), "apply", "another", NUMBER)
    assert refused.value.kind is Kind.LIMIT


@pytest.mark.parametrize("name", ["sasmita", "nobody"])
def test_a_name_waits_whether_it_is_somebodys_or_not(kept, name):
    from odweb.mobile import codes

    facts: dict[str, Any] = {"wanted": name == "sasmita", "name": name}
    codes.send(asked(kept), "password", name, NUMBER if facts["wanted"] else f"unknown {name}", **facts)
    with pytest.raises(Fault) as refused:
        codes.send(asked(kept), "password", name, NUMBER if facts["wanted"] else f"unknown {name}", **facts)
    assert refused.value.kind is Kind.LIMIT


def test_a_phone_gets_no_more_than_five_codes_an_hour_whoever_asks(kept, monkeypatch):
    from odweb.mobile import codes

    monkeypatch.setattr(codes, "_APART", codes.timedelta(0))
    for number in range(12):
        codes.send(asked(kept), "password", "her id", NUMBER, name=f"alias{number}")
    assert len(live(kept)) == 5


def test_a_network_asks_for_sixty_codes_an_hour_and_no_more(kept):
    from odweb.mobile import codes

    for number in range(60):
        codes.send(asked(kept), "apply", f"{number}", f"+9194370{number:05}")
    with pytest.raises(Fault):
        codes.send(asked(kept), "apply", "61", "+919437099999")
    codes.send(asked(kept, "203.0.113.9"), "apply", "61", "+919437099999")


def test_after_five_wrong_guesses_even_the_right_code_opens_nothing(kept):
    from odweb.mobile import codes

    codes.send(asked(kept), "apply", "application", NUMBER)
    [right] = live(kept)
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for code in (wrong, wrong, wrong, wrong, wrong, right):
        with pytest.raises(Fault) as refused:
            codes.check("apply", "application", code)
        assert refused.value.kind is Kind.LOGIN


@pytest.mark.parametrize(("login", "gets"), [("anna", True), ("nobody", False)])
def test_who_forgot_a_password_causes_the_same_work_whether_they_exist_or_not(login, gets):
    kept = Kept(Town(Person(AccountId("anna's"), "", "anna", "Anna", ("anna@x",), mobile=NUMBER)))
    from django.test import RequestFactory

    from odweb.entry.forgot import forgot
    from odweb.mobile.models import Challenge, Sent
    from odweb.project.request import Asked

    for model in (Sent, Challenge):
        model.objects.all().delete()
    made = RequestFactory().post("/forgot", {"login": login})
    request = Asked(made.environ | {"odmail.house": kept.house})
    request.session = {}
    assert forgot(request).status_code == 302
    assert (Challenge.objects.count(), len(kept.sms), bool(live(kept))) == (1, 1, gets)
