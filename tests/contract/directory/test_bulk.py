"""Sheets against a real directory: judged, applied, killed in the middle, taken back."""

import time
from datetime import timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from odcore import clock
from odcore.directory.bulk import check, undo
from odcore.directory.bulk.apply import apply
from odcore.directory.bulk.candidate import Candidate, Verdict
from odcore.directory.bulk.journal import Journal
from odcore.directory.ops import person as people
from odcore.errors import Fault, Kind

HEAD = "Name,Odia name,HRMS ID,Mobile,Office,Designation,Email\n"
INDIA = ZoneInfo("Asia/Kolkata")


def judged(house, *rows: str, **more) -> list[Candidate]:
    return check.check(house.directory, check.read(house.directory, (HEAD + "\n".join(rows)).encode()), **more)


def verdict(house, row: str, **more) -> tuple[Verdict, str]:
    each = judged(house, row, **more)[0]
    return each.verdict, " ".join(map(str, each.remarks))


@pytest.fixture
def journal(tmp_path) -> Journal:
    return Journal(tmp_path / "batch.jsonl")


def test_a_row_that_is_well_gets_an_address_by_the_rules(house):
    each = judged(house, "Sri Gopal Sahu,ଗୋପାଳ ସାହୁ,B-1,9437000001,Collectorate,Clerk,")[0]
    assert (each.verdict, each.uid, each.mobile, each.remarks) == (Verdict.OK, "gopal.sahu", "+919437000001", ())


def test_an_address_elsewhere_is_no_wish_but_the_way_to_reach_somebody(house):
    each = judged(house, "Gopal Sahu,,B-1,,khordha,,Gopal@Peer.Example")[0]
    assert (each.verdict, each.uid, each.alternate) == (Verdict.OK, "gopal.sahu", "gopal@peer.example")
    assert judged(house, "Gopal Sahu,,B-1,,khordha,,gopal@odisha.example")[0].alternate == ""
    assert verdict(house, "Gopal Sahu,,B-1,,khordha,,gopal@peer example") == (
        Verdict.MEND,
        "This is no e-mail address.",
    )


def test_an_address_that_somebody_has_is_numbered_in_the_directory_and_in_the_sheet(house):
    rows = ("Sasmita Nayak,,B-2,,khordha,,", "Sasmita Kumari Nayak,,B-3,,khordha,,")
    assert [each.uid for each in judged(house, *rows)] == ["sasmita.nayak2", "sasmita.nayak3"]


@pytest.mark.parametrize(
    ("row", "wanted", "why"),
    [
        (",,B-1,,khordha,,", Verdict.MEND, "name is missing"),
        ("Gopal Sahu,,,,khordha,,", Verdict.MEND, "one of them is needed"),
        ("Gopal Sahu,,B-1,,Atlantis,,", Verdict.MEND, "No office"),
        ("Gopal Sahu,,B-1,9.4370E9,khordha,,", Verdict.MEND, "lost digits"),
        ("Gopal Sahu,,B-1,,khordha,,sasmita.nayak", Verdict.MEND, "belongs to somebody"),
        ("Gopal Sahu,,B-1,,khordha,,postmaster", Verdict.REFUSED, "reserved"),
        ("Gopal Sahu,,B-1,,khordha,,g\u043epal.sahu", Verdict.REFUSED, "mixes scripts"),
        ("*)(uid=*,,B-1,,khordha,,", Verdict.MEND, "letters"),
        ("Gopal Sahu,,*)(objectClass=*,,khordha,,", Verdict.OK, ""),
    ],
)
def test_what_is_wrong_with_a_row_is_said(house, row, wanted, why):
    found, remarks = verdict(house, row)
    assert found is wanted
    assert why in remarks


def test_nobody_creates_people_in_an_office_that_is_not_theirs(house):
    found, remarks = verdict(house, "Gopal Sahu,,B-1,,khordha,,", scope=())
    assert (found, remarks) == (Verdict.REFUSED, check.NOT_YOUR_OFFICE.text)


def test_two_rows_are_not_one_person_nor_have_one_mobile_number(house):
    rows = (
        "Gopal Sahu,,B-1,9437000001,khordha,,",
        "Gopal Sahu,,B-1,9437000001,khordha,,",
        "Hari Das,,B-1,,khordha,,",
        "Mina Das,,B-4,9437000001,khordha,,",
    )
    assert [each.verdict for each in judged(house, *rows)] == [
        Verdict.OK,
        Verdict.EXISTS,
        Verdict.MEND,
        Verdict.MEND,
    ]


def test_an_account_ends_with_the_last_day_where_the_house_is(fresh, journal):
    """Not hours later, when the day of Greenwich ends, and notices would name the day after."""
    [each] = judged(fresh, "Gopal Sahu,,B-1,,khordha,,")
    apply(fresh.admin, [msgspec.structs.replace(each, expires="2049-12-31")], journal, INDIA)
    end = fresh.directory.person("gopal.sahu").expires.astimezone(INDIA)
    assert end.strftime("%d-%m-%Y %H:%M:%S") == "31-12-2049 23:59:59"


def test_the_same_sheet_twice_changes_nothing(fresh, journal):
    rows = ("Gopal Sahu,ଗୋପାଳ ସାହୁ,B-1,9437000001,khordha,Clerk,", "Mina Das,,,9437000002,khordha,,")
    first = apply(fresh.admin, judged(fresh, *rows), journal, INDIA)
    assert first.made == ("gopal.sahu", "mina.das")
    person = fresh.directory.person("gopal.sahu")
    assert (person.employee_number, person.mobile, person.names) == ("B-1", "+919437000001", {"or": "ଗୋପାଳ ସାହୁ"})
    again = judged(fresh, *rows)
    assert [each.verdict for each in again] == [Verdict.EXISTS, Verdict.EXISTS]
    assert apply(fresh.admin, again, journal, INDIA).made == first.made
    assert len(fresh.directory.people()) == 4


def test_what_is_killed_between_making_and_noting_goes_on_and_is_taken_back_whole(fresh, journal, monkeypatch):
    rows = [f"Gopal Sahu,,K-{number},,khordha,," for number in range(5)]

    def killed(_self, key, uid, account):
        if key == "e:k2":
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "made", killed)
        with pytest.raises(KeyboardInterrupt):
            apply(fresh.admin, judged(fresh, *rows), journal, INDIA)
    with open(journal._path, "ab") as file:
        file.write(b'{"key":"torn')
    assert len(apply(fresh.admin, judged(fresh, *rows), journal, INDIA).made) == 5
    numbers = [each.employee_number for each in fresh.directory.people("Sahu")]
    assert sorted(numbers) == [f"K-{number}" for number in range(5)]
    assert len(undo.undo(fresh.admin, journal).gone) == 5
    assert fresh.directory.people("Sahu") == []


def test_undo_keeps_those_who_have_begun_to_use_their_account(fresh, journal):
    apply(fresh.admin, judged(fresh, "Gopal Sahu,,U-1,,khordha,,", "Mina Das,,U-2,,khordha,,"), journal, INDIA)
    people.set_password(fresh.admin, fresh.directory.person("mina.das"), "nilachala-2026")
    undone = undo.undo(fresh.admin, journal)
    assert (undone.gone, list(undone.kept)) == (("gopal.sahu",), ["mina.das"])


def test_undo_keeps_those_who_belong_to_another_office_meanwhile(fresh, journal):
    apply(fresh.admin, judged(fresh, "Gopal Sahu,,U-1,,khordha,,", "Mina Das,,U-2,,khordha,,"), journal, INDIA)
    undone = undo.undo(fresh.admin, journal, lambda person: person.uid == "gopal.sahu")
    assert (undone.gone, list(undone.kept)) == (("gopal.sahu",), ["mina.das"])
    assert fresh.directory.person("mina.das")


def test_undo_ends_after_a_day(fresh, journal, monkeypatch):
    apply(fresh.admin, judged(fresh, "Gopal Sahu,,U-1,,khordha,,"), journal, INDIA)
    later = clock.now() + timedelta(hours=25)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert undo.undo(fresh.admin, journal).gone == ()


def test_two_do_not_work_on_one_batch(house, journal):
    with journal.opened(), pytest.raises(Fault) as caught, Journal(journal._path).opened():
        pass
    assert caught.value.kind is Kind.IN_USE


def test_four_hundred_rows_are_judged_in_five_seconds_and_made_in_a_minute(fresh, journal):
    rows = [f"Gopal Sahu,,N-{number},94{number:08},khordha,Clerk," for number in range(400)]
    began = time.process_time()
    found = judged(fresh, *rows)
    assert time.process_time() - began < 5
    assert {each.verdict for each in found} == {Verdict.OK}
    began = time.process_time()
    assert len(apply(fresh.admin, found, journal, INDIA).made) == 400
    assert time.process_time() - began < 60
    print("creating took", time.process_time() - began)
