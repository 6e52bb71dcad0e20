"""Applications: whom they wait for and until when, addresses that are proposed, offices that are found."""

from datetime import UTC, date, datetime, timedelta

import pytest

from odcore import clock
from odcore.directory.bulk.naming import suggested
from odcore.directory.model import Group, Office, Person
from odcore.ids import AccountId
from odtest.pages import Kept, Town
from odweb.apply.offices import places, search


def office(ou: str, name: str, parent: str = "", odia: str = "") -> Office:
    return Office(AccountId(ou), "", ou, name, {"or": odia} if odia else {}, AccountId(parent) if parent else None)


def person(uid: str, **more: str) -> Person:
    return Person(AccountId(uid), "", uid, uid.title(), (f"{uid}@odisha.example",), **more)  # type: ignore[arg-type]


def group(cn: str, *members: str) -> Group:
    return Group(AccountId(cn), "", cn, cn, (), tuple(map(AccountId, members)))


OFFICES = (
    office("revenue", "Revenue Department", odia="ରାଜସ୍ୱ ବିଭାଗ"),
    office("khordha", "Collectorate, Khordha", "revenue", "ଖୋର୍ଦ୍ଧା"),
    office("jatni", "Tahasil, Jatni", "khordha"),
)


@pytest.fixture
def kept() -> Kept:
    town = Town(
        *OFFICES,
        person("nodal", language="or"),
        person("second"),
        person("agent"),
        group("nodal.khordha", "nodal", "circle"),
        group("circle", "second", "nodal.khordha"),
        group("portal.admins", "agent", "nodal"),
    )
    return Kept(town)


def waiting(due: datetime, **more: str):
    from odweb.apply.models import Application

    given = {"reference": f"R{clock.monotonic()}", "state": "office", "office": "jatni", "language": "en"}
    given |= {"name": "A B", "title": "Clerk", "mobile": "+919437000001"}
    return Application.objects.create(expires=date(2040, 1, 1), due=due, changed=due, **given | more)


def test_an_overdue_application_is_told_to_its_approvers_once_a_day_in_their_language(kept):
    from odweb.apply import notices
    from odweb.apply.models import Application

    Application.objects.all().delete()
    now = clock.now()
    waiting(now + timedelta(hours=1))
    late = waiting(now - timedelta(hours=1))
    assert notices.remind(kept.house) == 1
    assert [letter[0] for letter in kept.letters] == ["nodal@odisha.example", "second@odisha.example"]
    assert "ସମୟସୀମା" in kept.letters[0][1]
    assert "overdue" in kept.letters[1][1]
    assert f"https://mail.odisha.example/applications/{late.key}" in kept.letters[1][2]
    assert notices.remind(kept.house) == 0
    Application.objects.filter(key=late.key).update(reminded=now - timedelta(hours=25))
    assert notices.remind(kept.house) == 1


def test_at_the_agency_nobody_is_asked_who_has_decided_before(kept):
    from odweb.apply import notices

    application = waiting(clock.now(), state="agency", checker="nodal")
    assert [each.uid for each in notices.approvers(kept.house, application)] == ["agent"]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-11-25", "2026-11-27"),  # Wednesday to Friday
        ("2026-11-27", "2026-12-01"),  # over a fourth Saturday and a Sunday
        ("2026-11-20", "2026-11-23"),  # a third Saturday is worked
        ("2026-12-11", "2026-12-15"),  # over a second Saturday
    ],
)
def test_deadlines_count_working_days_only(kept, start, end):
    from odweb.apply.deadline import due

    assert due(datetime.fromisoformat(start).replace(hour=6, tzinfo=UTC)).date().isoformat() == end


def test_addresses_are_proposed_in_several_forms_none_of_them_empty():
    assert suggested("Bikash Kumar Swain")[:4] == ["bikash.swain", "b.swain", "bikash.s", "swain.bikash"]
    assert suggested("Madhu")[:2] == ["madhu", "madhu2"]
    assert suggested("ବିକାଶ") == []


def test_offices_are_found_by_words_of_any_language_with_those_above_them():
    assert [place.id for place in search(OFFICES, "khordha")] == ["khordha", "jatni"]
    assert [place.path for place in search(OFFICES, "JATNI ଖୋର୍ଦ୍ଧା")] == [
        "Revenue Department › Collectorate, Khordha › Tahasil, Jatni"
    ]
    assert next(place.path for place in search(OFFICES, "collectorate", "or")) == "ରାଜସ୍ୱ ବିଭାଗ › ଖୋର୍ଦ୍ଧା"
    assert search(OFFICES, "(uid=*)") == []


def test_offices_in_a_circle_hang_nobody_up():
    circle = (office("a", "A", "b"), office("b", "B", "a"))
    assert {place.id for place in places(circle)} == {"a", "b"}


def test_what_strangers_and_sheets_give_is_one_line_of_text(kept):
    """It comes into mail to those who decide, and into a sheet that is given out."""
    from odweb.apply.forms import ApplyForm
    from odweb.apply.offices import Place
    from odweb.sheets.forms import RowForm

    evil = "Clerk\r\n\x1b[2J\u202eDecide at\x0bhttps://evil.example"
    given = {"name": "A B", "title": evil, "post": evil, "employee": evil, "office": "khordha"}
    form = ApplyForm([Place("khordha", "Khordha")], given | {"mobile": "9437000001", "expires": "01-01-2045"})
    assert form.is_valid(), form.errors
    assert {form.cleaned_data[name] for name in ("title", "post", "employee")} == {
        "Clerk [2J Decide at https://evil.example"
    }
    row = RowForm({"title": evil})
    assert row.is_valid()
    assert row.row(1).title == "Clerk [2J Decide at https://evil.example"
