"""Changes made by any tool are noticed within one poll."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from odcore import clock
from odcore.directory.ldap import LdapDirectory
from odcore.directory.ops.charge import Handover, hand_over
from odcore.directory.ops.device import AddDevicePassword, add_device_password
from odcore.directory.ops.person import AddPerson, add_person
from odcore.directory.ops.removal import delete
from odcore.directory.watch import Watch
from odcore.errors import Fault, Kind
from odtest.slapd import House


@pytest.fixture
def other(house: House) -> LdapDirectory:
    """Another process, which hears of nothing but what it sees."""
    return house.another()


@pytest.fixture
def heard(house: House, other: LdapDirectory) -> Callable[[], set[str]]:
    """Polls once; the ids reported by it."""
    found: set[str] = set()
    other.on_change(found.update)
    watch = Watch(house.link, other.changed)
    watch.poll()

    def poll() -> set[str]:
        found.clear()
        watch.poll()
        return set(found)

    return poll


def test_foreign_change_drops_what_was_cached(
    house: House, other: LdapDirectory, heard: Callable[[], set[str]]
) -> None:
    """ldapmodify by hand is seen at the next poll, once."""
    person = add_person(house.admin, AddPerson(uid="watched", family_name="x"))
    heard()
    assert other.person("watched").title == ""
    change = f"dn: {person.dn}\nchangetype: modify\nreplace: title\ntitle: Tahasildar\n"
    assert house.tool("ldapmodify", text=change).returncode == 0
    assert other.person("watched").title == ""
    assert heard() == {person.id}
    assert other.person("watched").title == "Tahasildar"
    assert heard() == set()


def test_foreign_deletion_is_noticed(house: House, other: LdapDirectory, heard: Callable[[], set[str]]) -> None:
    """An entry that is gone has no stamp to be found by, yet it is found missing."""
    person = add_person(house.admin, AddPerson(uid="vanishing", family_name="x"))
    heard()
    assert other.person("vanishing").id == person.id
    assert house.tool("ldapdelete", person.dn).returncode == 0
    assert person.id in heard()
    with pytest.raises(Fault) as caught:
        other.person("vanishing")
    assert caught.value.kind is Kind.NOT_FOUND


def test_deletion_hidden_behind_a_write_is_noticed_later(
    house: House, heard: Callable[[], set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newer stamp explains the tree's; the ids are compared a while later all the same."""
    person = add_person(house.admin, AddPerson(uid="hidden", family_name="x"))
    heard()
    delete(house.admin, person)
    witness = add_person(house.admin, AddPerson(uid="witness", family_name="x"))
    assert heard() == {witness.id}
    later = clock.monotonic() + 61
    monkeypatch.setattr(clock, "monotonic", lambda: later)
    assert person.id in heard()


def test_revoked_device_concerns_owner_and_account(house: House, heard: Callable[[], set[str]]) -> None:
    """Whoever deletes the entry by hand ends the sessions of both."""
    person = add_person(house.admin, AddPerson(uid="revoker", family_name="x"))
    post = house.directory.post("collector.khordha")
    holder = house.directory.person("sasmita.nayak")
    made, _ = add_device_password(house.admin, AddDevicePassword(person=holder, name="x", post=post))
    mine, _ = add_device_password(house.admin, AddDevicePassword(person=person, name="x"))
    assert {holder.id, post.id, person.id} <= heard()
    house.tool("ldapdelete", f"cn={made.id},{holder.dn}", f"cn={mine.id},{person.dn}")
    assert {holder.id, post.id, person.id} <= heard()


def test_dated_handover_is_reported_at_its_instant(
    house: House, heard: Callable[[], set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody writes anything then, and yet open sessions must be looked at; once, not before, not again."""
    post = house.directory.post("collector.khordha")
    at = clock.now().replace(microsecond=0) + timedelta(days=300)
    hand_over(house.admin, post, Handover(to="bibhu.das", order="GA-9", at=at))
    heard()
    for instant, reported in ((at - timedelta(seconds=1), False), (at, True), (at + timedelta(seconds=2), False)):
        monkeypatch.setattr(clock, "now", lambda instant=instant: instant)
        assert (post.id in heard()) is reported


def test_running_watch_reports_within_three_seconds(house: House) -> None:
    """The thread itself: start, a change from outside, the report, stop."""
    other = house.another()
    found: set[str] = set()
    other.on_change(found.update)
    watch = Watch(house.link, other.changed)
    watch.start()
    try:
        time.sleep(0.3)  # its first look is the baseline
        person = house.directory.person("bibhu.das")
        change = f"dn: {person.dn}\nchangetype: modify\nreplace: title\ntitle: {clock.monotonic()}\n"
        assert house.tool("ldapmodify", text=change).returncode == 0
        deadline = time.monotonic() + 3
        while person.id not in found and time.monotonic() < deadline:
            time.sleep(0.02)
        assert person.id in found
    finally:
        watch.stop()
