"""Who has not been seen: those never seen first, and nobody who was just added or is disabled."""

from datetime import UTC, datetime, timedelta

from odcore.directory.model import Person, State
from odcore.identity.dormant import dormant

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LIMIT = NOW - timedelta(days=90)


def person(key: str, added: int, state: State = State.ACTIVE) -> Person:
    return Person(key, "", key, key, (), state=state, created=NOW - timedelta(days=added))


def test_dormant_are_active_people_not_seen_since_the_limit():
    people = [
        person("seen", 400),
        person("long", 400),
        person("longer", 400),
        person("never", 100),
        person("new", 10),
        person("gone", 400, State.DISABLED),
        person("edge", 400),
    ]
    days = {"seen": 1, "long": 91, "longer": 300, "edge": 90}
    found = dormant(people, {key: NOW - timedelta(days=ago) for key, ago in days.items()}, LIMIT)
    assert [each.person.id for each in found] == ["never", "longer", "long"]
    assert [each.last is None for each in found] == [True, False, False]
