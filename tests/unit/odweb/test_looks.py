"""Who looked into a mailbox: the holder of a post sees what happened while they held it, and nothing else."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from odcore import clock
from odcore.audit.trail import Trail
from odcore.directory.model import Charge, Person, Post
from odcore.ids import AccountId
from odweb.me.history import looks

ME = Person(AccountId("me"), "", "me", "Me", ())
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return BEGIN + timedelta(days=number)


@pytest.fixture
def trail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trail]:
    """Each day somebody looks into the post's mailbox and into mine."""
    trail = Trail(tmp_path)
    for number in range(10):
        monkeypatch.setattr(clock, "now", lambda number=number: day(number))
        trail.record("mailbox-opened", f"by{number}", "post", mailbox="INBOX")
        trail.record("mailbox-opened", f"by{number}", "me", mailbox="Sent")
    trail.flush()
    yield trail
    trail.close()


def seen(trail: Trail, *charges: Charge, most: int = 50) -> list[str]:
    post = Post(AccountId("post"), "", "post", "Post", (), charges=charges)
    return [look.who for look in looks(trail, [ME, post], str, most) if look.owner is post]


def test_looks_into_a_post_are_seen_of_each_of_ones_own_tenures_from_its_first_instant_until_its_last(trail: Trail):
    before = Charge(ME.id, day(1), day(3))
    other = Charge(AccountId("other"), day(3), day(8))
    assert seen(trail, before, other, Charge(ME.id, day(8))) == ["by9", "by8", "by2", "by1"]
    assert seen(trail, other) == []


def test_what_happened_in_between_does_not_push_out_an_earlier_tenure(trail: Trail):
    assert seen(trail, Charge(ME.id, day(0), day(1)), Charge(ME.id, day(9)), most=3) == ["by9"]
    whole = looks(trail, [ME, Post(AccountId("post"), "", "p", "P", (), charges=(Charge(ME.id, day(0), day(1)),))], str)
    assert [look.who for look in whole if look.mailbox == "INBOX"] == ["by0"]


def test_a_look_within_two_charges_of_one_person_is_told_once(trail: Trail):
    assert seen(trail, Charge(ME.id, day(7)), Charge(ME.id, day(8))) == ["by9", "by8", "by7"]


def test_looks_into_ones_own_mailbox_are_all_told(trail: Trail):
    assert [look.who for look in looks(trail, [ME], str)] == [f"by{number}" for number in reversed(range(10))]
