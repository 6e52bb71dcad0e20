"""The register of grants: who lets whom, and whom access lists name."""

import pytest
from sqlalchemy import create_engine

from odcore import clock
from odcore.bus.api import SharingChanged
from odcore.errors import Fault, Kind
from odcore.sharing import schema
from odcore.sharing.api import MAIL, Delegation, Power
from odcore.sharing.register import SqliteRegister

OWNER, FIRST, SECOND, THIRD = (f"{number:08x}-0000-4000-8000-000000000000" for number in range(4))


@pytest.fixture
def told():
    return []


@pytest.fixture
def register(tmp_path, told):
    made = SqliteRegister(tmp_path, told.append)
    yield made
    made.close()


def give(register, delegate, *powers, most=2, **more):
    register.delegate(MAIL, Delegation(OWNER, delegate, frozenset(powers), **more), most)


def test_what_is_given_is_found_from_both_ends_and_told(register, told):
    give(register, FIRST, Power.READ, Power.SEND_AS)
    (given,) = register.delegations_of(MAIL, OWNER)
    assert register.delegations_to(MAIL, FIRST) == [given]
    assert given.powers == {Power.READ, Power.SEND_AS}
    assert told == [SharingChanged(OWNER)]
    assert register.delegations_to("calendar", FIRST) == []


def test_giving_again_replaces(register):
    give(register, FIRST, Power.WRITE)
    give(register, FIRST, Power.READ)
    assert [each.powers for each in register.delegations_to(MAIL, FIRST)] == [{Power.READ}]


def test_an_owner_has_so_many_delegates_and_no_more(register):
    """Who is one already may be given other powers; one whose time is over leaves room."""
    give(register, FIRST, Power.READ)
    give(register, SECOND, Power.READ, until=clock.timestamp() - 1)
    give(register, THIRD, Power.READ)
    give(register, FIRST, Power.WRITE)
    with pytest.raises(Fault) as caught:
        give(register, SECOND, Power.READ)
    assert caught.value.kind is Kind.LIMIT


def test_an_end_comes_by_itself(register, monkeypatch):
    until = clock.timestamp() + 100
    give(register, FIRST, Power.READ, until=until)
    monkeypatch.setattr(clock, "timestamp", lambda: until - 1)
    assert register.delegations_to(MAIL, FIRST)
    monkeypatch.setattr(clock, "timestamp", lambda: until)
    assert register.delegations_to(MAIL, FIRST) == []
    assert register.delegations_of(MAIL, OWNER)


def test_ending_what_was_not_given_is_a_fault(register):
    give(register, FIRST, Power.READ)
    register.end(MAIL, OWNER, FIRST)
    assert register.delegations_of(MAIL, OWNER) == []
    with pytest.raises(Fault) as caught:
        register.end(MAIL, OWNER, FIRST)
    assert caught.value.kind is Kind.NOT_FOUND


def test_owners_are_found_by_any_subject(register):
    register.note(MAIL, OWNER, "anyone")
    register.note(MAIL, OWNER, "anyone")
    register.note(MAIL, FIRST, f"group:{THIRD}")
    assert register.owners(MAIL, frozenset(("anyone", f"group:{THIRD}"))) == {OWNER, FIRST}
    assert register.owners(MAIL, frozenset((f"group:{SECOND}",))) == set()
    register.forget(MAIL, OWNER, "anyone")
    assert register.owners(MAIL, frozenset(("anyone",))) == set()


def test_the_migrated_schema_equals_the_metadata(register):
    """Revisions build the tables the statements were written for."""
    engine = create_engine("sqlite://")
    schema.metadata.create_all(engine)
    with register._database.read() as cursor, engine.connect() as connection:
        for table in schema.metadata.tables:
            query = f"PRAGMA table_info({table})"
            written = [tuple(row) for row in connection.exec_driver_sql(query).fetchall()]
            assert cursor.all(query) == written
