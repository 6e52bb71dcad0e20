"""Quotas of thousands: put in order by what is known already, and no mailbox is opened that is not shown."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from odcore import clock
from odcore.directory.model import Person
from odcore.ids import AccountId
from oddav.drive.settings import DriveSettings
from oddav.drive.store.drives import Drives
from odmail.mailbox.store import Store
from odmail.mailbox.whole import Letter, put
from odtest.pages import Kept, Town
from odweb.house import House
from odweb.usage import Usage


def person(number: int) -> Person:
    return Person(
        AccountId(f"{number:02x}000000-0000-4000-8000-{number:012x}"), "", f"p{number:03}", "P", (), quota=1000
    )


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with closing(Store(tmp_path, lambda _hint: None)) as store, closing(Drives(tmp_path, DriveSettings())) as drives:
        yield msgspec.structs.replace(Kept(Town()).house, usage=Usage(store, drives, 1 << 20, 1 << 20))


def fill(house: House, who: Person, octets: int) -> None:
    put(house.usage.store.open(who.id), "INBOX", [Letter(b"Subject: x\r\n\r\n" + b"x" * (octets - 14))])


def round_of_all(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from odweb.bureau.measured import measure

    for minute in range(64):
        monkeypatch.setattr(clock, "timestamp", lambda minute=minute: minute * 60)
        measure(house)


def shown(house: House, people: list[Person]) -> list[tuple[str, int]]:
    from odweb.bureau.measured import fullest

    return [(each.entry.uid, each.mail) for each in fullest(house, people)]


@pytest.mark.parametrize("measured", [True, False])
def test_the_fullest_come_first_whether_they_were_measured_before_or_not(house, monkeypatch, measured):
    people = [person(number) for number in range(5)]
    for number, octets in ((1, 200), (2, 900), (4, 300)):
        fill(house, people[number], octets)
    if measured:
        round_of_all(house, monkeypatch)
    assert shown(house, people)[:3] == [("p002", 900), ("p004", 300), ("p001", 200)]
    assert not house.usage.store.has(people[0].id)


def test_what_was_measured_is_not_opened_again_until_it_changes_and_is_forgotten_when_it_is_gone(house, monkeypatch):
    from odweb.bureau.models import Measured

    people = [person(number) for number in range(10, 14)]
    for each in people:
        fill(house, each, 100)
    round_of_all(house, monkeypatch)
    round_of_all(house, monkeypatch)  # closing and opening leave their stamp
    opened: list[str] = []
    octets = Usage.octets
    monkeypatch.setattr(Usage, "octets", lambda usage, account: opened.append(account) or octets(usage, account))
    round_of_all(house, monkeypatch)
    assert shown(house, people)[0][1] == 100
    assert opened == []
    fill(house, people[2], 500)
    assert shown(house, people)[0][1] == 100
    round_of_all(house, monkeypatch)
    assert opened == [people[2].id]
    assert shown(house, people)[0] == ("p012", 600)
    Measured.objects.filter(account=people[3].id).update(account="0d000000-0000-4000-8000-00000000dead")
    round_of_all(house, monkeypatch)
    assert Measured.objects.filter(account__endswith="dead").count() == 0


def test_a_page_measures_a_few_hundred_at_most_and_the_others_are_there_nevertheless(house, monkeypatch):
    from odweb.bureau import measured

    monkeypatch.setattr(measured, "_AT_ONCE", 2)
    people = [person(number) for number in range(20, 25)]
    for each in people:
        fill(house, each, 100)
    assert [octets for _uid, octets in shown(house, people)] == [100, 100, 0, 0, 0]
    assert [octets for _uid, octets in shown(house, people)] == [100, 100, 100, 100, 0]
