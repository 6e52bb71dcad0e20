"""Who retires, or whose contract ends, is told 30, 7 and 1 day before: once each, by mail and text message."""

from datetime import datetime, timedelta

import pytest

from odcore import clock
from odcore.directory.model import Group, Office, Person
from odcore.ids import AccountId
from odtest.pages import Kept, Town

OFFICE = Office(AccountId("khordha"), "", "khordha", "Collectorate, Khordha")
NODAL = Person(AccountId("nodal"), "", "nodal", "Nodal", ("nodal@odisha.example",))
GROUP = Group(AccountId("g"), "", "nodal.khordha", "", (), (AccountId("nodal"),))


def leaver(uid: str, end: datetime, **more: str) -> Person:
    given = {"office": "khordha", "mobile": "+919437000001"} | more
    return Person(AccountId(uid), "", uid, uid.title(), (f"{uid}@odisha.example",), expires=end, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(("days", "notices"), [(40, 0), (29, 1), (6, 1), (0.5, 1), (-1, 0)])
def test_a_notice_is_due_in_its_time_and_told_once(days, notices):
    from odweb.staff.leaving import tell
    from odweb.staff.models import Told

    Told.objects.all().delete()
    kept = Kept(Town(OFFICE, NODAL, GROUP, leaver("retired", clock.now() + timedelta(days=days))))
    assert (tell(kept.house), tell(kept.house)) == (notices, 0)
    assert [letter[0] for letter in kept.letters] == ["retired@odisha.example", "nodal@odisha.example"][: 2 * notices]
    assert len(kept.sms) == notices


def test_a_date_that_moves_is_told_anew_and_in_the_persons_language():
    from odweb.staff.leaving import tell

    end = clock.now() + timedelta(days=5)
    town = Town(OFFICE, leaver("moved", end, language="or"))
    kept = Kept(town)
    assert tell(kept.house) == 1
    town.entries[1] = leaver("moved", end + timedelta(days=1), language="or")
    assert tell(kept.house) == 1
    assert "ଆକାଉଣ୍ଟ" in kept.letters[0][1]
    assert kept.sms[0].template == "ends.or"


def test_who_has_no_mobile_gets_mail_alone():
    from odweb.staff.leaving import tell

    kept = Kept(Town(leaver("nophone", clock.now() + timedelta(days=2), mobile="")))
    assert tell(kept.house) == 1
    assert kept.sms == []
    assert kept.letters
