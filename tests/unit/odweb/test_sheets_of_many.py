"""However many sheets others have sent since: one's own stays in the list."""

from types import SimpleNamespace

import pytest

from odcore import clock
from odcore.directory.model import AccountKind, AccountRef, Person
from odcore.identity.api import Principal
from odcore.identity.rights import Rights
from odcore.ids import AccountId
from odtest.pages import Kept, Town

ANNA = Person(AccountId("11111111-1111-1111-1111-111111111111"), "", "anna", "Anna", ("anna@x",))


def test_a_sheet_is_not_pushed_out_of_the_list_by_those_of_other_offices(monkeypatch: pytest.MonkeyPatch):
    kept = Kept(Town(ANNA))
    from django.test import RequestFactory

    from odweb.project.request import Asked
    from odweb.sheets import views
    from odweb.sheets.models import Sheet

    Sheet.objects.all().delete()
    facts = {"changed": clock.now(), "office": "theirs", "maker": "other", "maker_name": "", "candidates": b"[]"}
    Sheet.objects.create(name="mine", **facts | {"maker": ANNA.id})
    for _ in range(250):
        Sheet.objects.create(name="theirs", offices="theirs", **facts | {"changed": clock.now()})
    monkeypatch.setattr(views, "_rights", lambda _: Rights(frozenset(("mine",))))
    monkeypatch.setattr(views, "render", lambda _request, _template, shown, **_: shown)
    request = Asked(RequestFactory().get("/sheets").environ | {"odmail.house": kept.house})
    request.principal = Principal(ANNA, AccountRef(ANNA.id, AccountKind.PERSON, "anna@x", "Anna"))
    request.session = SimpleNamespace()
    assert [sheet.name for sheet, _state in views.overview(request)["sheets"]] == ["mine"]
    Sheet.objects.all().delete()
