"""Sessions: what outlived its time is forgotten, and nothing goes from one person to the next."""

import pkgutil
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from odcore import clock
from odcore.directory.model import AccountKind, AccountRef, Person
from odcore.identity.api import Principal
from odcore.ids import AccountId
from odtest.pages import Kept, Town


def test_sessions_whose_time_is_over_are_forgotten_and_nobodys_open_sessions():
    kept = Kept(Town())
    from django.contrib.sessions.backends.db import SessionStore

    from odweb.entry import visits
    from odweb.entry.models import Visit

    for name, age in (("old", -1), ("open", 3600)):
        session = SessionStore()
        session.set_expiry(clock.now() + timedelta(seconds=age))
        session.save()
        facts = {"person": "sasmita", "started": clock.now(), "seen": clock.now(), "address": "", "agent": name}
        Visit.objects.create(session=session.session_key, **facts)
    visits.sweep(kept.house)
    assert [each.agent for each in visits.of("sasmita")] == ["open"]


def test_codes_that_are_too_old_are_forgotten():
    kept = Kept(Town())
    from odweb.mobile import codes
    from odweb.mobile.models import Challenge

    Challenge.objects.all().delete()
    for key, minutes in (("old", -1), ("good", 1)):
        Challenge.objects.create(key=key, digest="", expires=clock.now() + timedelta(minutes=minutes))
    codes.sweep(kept.house)
    assert [each.key for each in Challenge.objects.all()] == ["good"]


def asked(**more: Any) -> Any:
    kept = Kept(Town())
    nothing = SimpleNamespace(note=lambda *_: None, record=lambda *_words, **_facts: None)
    house = SimpleNamespace(uses=nothing, trail=nothing, services=kept.house.services)
    given = {"house": house, "META": {}, "headers": {}, "method": "GET", "get_full_path": lambda: "/here"}
    return SimpleNamespace(**given | more)


def person(uid: str) -> Principal:
    ref = AccountRef(AccountId(uid), AccountKind.PERSON, f"{uid}@odisha.example", uid)
    return Principal(Person(AccountId(uid), "", uid, uid, (ref.address,)), ref)


def test_what_a_session_held_for_one_person_is_not_there_for_the_next():
    """Or the first would know the secret that makes the other's codes."""
    request = asked()
    from django.contrib.sessions.backends.db import SessionStore

    from odweb.entry import visits

    request.session = SessionStore()
    visits.begin(request, person("first"))
    request.session["second-step-secret"] = "known to the first"
    first = request.session.session_key
    visits.begin(request, person("second"))
    assert "second-step-secret" not in request.session
    assert not SessionStore().exists(first)
    assert not visits.of("first").exists()


@pytest.mark.parametrize(
    "view",
    [
        "odweb.delegates.views.overview",
        "odweb.flow.views.page",
    ],
)
@pytest.mark.parametrize("ago", [901, None])
def test_what_lets_somebody_in_asks_for_the_password_of_the_last_minutes(view, ago):
    request = asked(principal=person("sasmita"))
    request.session = {"password-seen": clock.now().timestamp() - ago} if ago else {}
    answer = pkgutil.resolve_name(view)(request)
    assert (answer.status_code, answer.url) == (302, "/confirm?next=%2Fhere")
