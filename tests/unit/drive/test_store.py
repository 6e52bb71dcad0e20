"""The drive's store: old content stays until the new is whole and is kept afterwards, locks, quota, trash."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from odcore import clock
from odcore.blob.incoming import IN_MEMORY
from odcore.config.types import Duration, Size
from odcore.errors import Fault, Kind
from odcore.ids import AccountId
from oddav.drive.emptying import forgetting
from oddav.drive.settings import DriveSettings
from oddav.drive.store import contents, schema
from oddav.drive.store.check import check
from oddav.drive.store.drive import Drive
from oddav.drive.store.drives import SCHEMA, Drives
from oddav.drive.store.model import Caller, Lock
from oddav.drive.store.ops.bounds import MOST

ACCOUNT = AccountId("0192b1aa-0000-7000-8000-000000000001")
ACCOUNT_2 = AccountId("0192b1aa-0000-7000-8000-000000000002")
ANNA = Caller("anna")


def drives(folder, quota=1000, keep=3600.0) -> Drives:
    return Drives(folder, DriveSettings(Size(quota), Duration(keep)))


@pytest.fixture
def drive(tmp_path):
    house = drives(tmp_path)
    yield house.open(ACCOUNT)
    assert check(house.open(ACCOUNT), octets=True) == []
    house.close()


def put(drive: Drive, path: str, octets: bytes, who: Caller = ANNA, seen: str | None = None):
    incoming = drive.incoming()
    try:
        incoming.write(octets)
        return drive.put(who, path, incoming, "text/plain", seen).node
    finally:
        incoming.discard()


def names(drive: Drive, path: str = "/") -> list[str]:
    return [entry.node.name for entry in drive.children(drive.entry(path).node)]


def content(drive: Drive, path: str) -> bytes:
    return drive.content(drive.entry(path).node).read()


def holds(drive: Drive, digest: str) -> bool:
    return drive.read(lambda tx: contents.holds(tx, digest, drive.blobs))


def empty(drive: Drive, deleted: bool = True) -> list[int]:
    """How many were gone after each step."""
    return list(forgetting(drive, [each for each in drive.kept() if each.deleted == deleted]))


def lock(path: str, token: str = "t", person: str = "anna", exclusive: int = 1, deep: int = 1) -> Lock:
    return Lock(token, path, exclusive, deep, person, b"", clock.timestamp() + 60)


def kind_of(call, *given) -> Kind:
    with pytest.raises(Fault) as caught:
        call(*given)
    return caught.value.kind


def test_the_migrations_make_the_tables_that_the_schema_describes(drive):
    drive.mkcol(ANNA, "/a")
    for table in schema.metadata.tables.values():
        found = drive.read(lambda tx, table=table: tx.cursor.all(f"PRAGMA table_info({table.name})"))
        assert [row[1] for row in found] == [column.name for column in table.columns]
    assert list(SCHEMA.revisions) == ["0001", "0002", "0003", "0004"]


def test_a_new_content_replaces_the_old_which_is_kept(drive):
    first = put(drive, "/a", b"one")
    second = put(drive, "/a", b"three")
    assert (second.node, second.etag != first.etag, content(drive, "/a")) == (first.node, True, b"three")
    assert drive.read(lambda tx: tx.cursor.all("SELECT digest, person FROM version")) == [(first.digest, "anna")]
    assert drive.room().used == 5


def test_of_two_writers_who_saw_the_same_content_one_is_refused(drive):
    seen = put(drive, "/a", b"one").etag
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda n: _kind(put, drive, "/a", b"%d" % n, ANNA, seen), range(8)))
    assert sorted(done, key=str) == [Kind.EXPUNGED] * 7 + [None]


def test_the_store_never_takes_more_than_one_object_over_its_quota(drive):
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda n: _kind(put, drive, f"/{n}", b"x" * 300), range(8)))
    assert done.count(None) == 3
    assert set(done) == {None, Kind.OVER_QUOTA}
    assert drive.room().used == 900
    assert kind_of(drive.copy, ANNA, "/" + names(drive)[0], "/copy", True) is Kind.OVER_QUOTA
    assert kind_of(drive.check_put, ANNA, "/new", 101) is Kind.OVER_QUOTA
    put(drive, "/" + names(drive)[0], b"smaller")


def test_deleted_files_make_room_and_go_for_good_after_their_time(tmp_path):
    house = drives(tmp_path, keep=0)
    drive = house.open(ACCOUNT)
    drive.mkcol(ANNA, "/a")
    digest = put(drive, "/a/b", b"x" * 400).digest
    drive.proppatch(ANNA, "/a/b", {"{u:}p": b"<p/>"})
    drive.delete(ANNA, "/a")
    assert (names(drive), drive.room().used, holds(drive, digest)) == ([], 0, True)
    _age(drive)
    drive.purge()
    assert not holds(drive, digest)
    for table in ("node", "version", "property", "content"):
        assert drive.read(lambda tx, table=table: tx.cursor.all(f"SELECT * FROM {table}")) == []
    house.close()


def test_a_purge_leaves_what_another_file_still_has(tmp_path):
    house = drives(tmp_path, keep=0)
    drive = house.open(ACCOUNT)
    put(drive, "/a", b"same")
    drive.copy(ANNA, "/a", "/b", True)
    drive.delete(ANNA, "/a")
    _age(drive)
    drive.purge()
    assert content(drive, "/b") == b"same"
    house.close()


def test_folders_are_copied_and_moved_with_all_that_is_in_them(drive):
    drive.mkcol(ANNA, "/a")
    drive.mkcol(ANNA, "/a/b")
    put(drive, "/a/b/c", b"c")
    drive.proppatch(ANNA, "/a/b/c", {"{u:}p": b"<p/>"})
    drive.copy(ANNA, "/a", "/x", True)
    drive.copy(ANNA, "/a", "/flat", False)
    drive.move(ANNA, "/a", "/y")
    assert (names(drive), names(drive, "/flat")) == (["flat", "x", "y"], [])
    for top in ("/x", "/y"):
        assert content(drive, f"{top}/b/c") == b"c"
        assert drive.entry(f"{top}/b/c").properties == {"{u:}p": b"<p/>"}
    assert drive.room().used == 2


@pytest.mark.parametrize("target", ["/a", "/a/b", "/a/b/c", "/"])
def test_nothing_goes_into_itself_or_over_what_it_lies_in(drive, target):
    drive.mkcol(ANNA, "/a")
    drive.mkcol(ANNA, "/a/b")
    assert kind_of(drive.copy, ANNA, "/a", target, True) is Kind.DENIED
    assert kind_of(drive.move, ANNA, "/a", target) is Kind.DENIED
    assert kind_of(drive.move, ANNA, "/a/b", "/a") is Kind.DENIED
    assert names(drive, "/a") == ["b"]


def test_names_keep_their_case_and_none_differs_only_in_case(drive):
    put(drive, "/Aa", b"1")
    assert drive.entry("/aa") is None
    assert kind_of(put, drive, "/aA", b"2") is Kind.EXISTS
    assert kind_of(drive.mkcol, ANNA, "/AA") is Kind.EXISTS
    drive.move(ANNA, "/Aa", "/aa")
    assert names(drive) == ["aa"]


def test_who_has_no_token_cannot_change_what_is_locked_nor_what_is_below(drive):
    drive.mkcol(ANNA, "/a")
    put(drive, "/a/b", b"1")
    drive.lock(lock("/a"))
    holder, other = Caller("anna", frozenset({"t"})), Caller("bimal", frozenset({"t"}))
    for who in (ANNA, other):
        assert kind_of(put, drive, "/a/b", b"2", who) is Kind.IN_USE
        assert kind_of(put, drive, "/a/new", b"2", who) is Kind.IN_USE
        assert kind_of(drive.delete, who, "/a/b") is Kind.IN_USE
        assert kind_of(drive.move, who, "/a", "/z") is Kind.IN_USE
        assert kind_of(drive.proppatch, who, "/a/b", {"{u:}p": b"<p/>"}) is Kind.IN_USE
    put(drive, "/a/b", b"2", holder)
    drive.delete(holder, "/a")
    assert drive.locks() == []


def test_one_of_many_who_lock_at_the_same_time_succeeds_also_across_processes(tmp_path):
    houses = [drives(tmp_path) for _ in range(4)]  # each has connections of its own, like a process
    put(houses[0].open(ACCOUNT), "/a", b"1")

    def attempt(number: int) -> Kind | None:
        return _kind(houses[number % 4].open(ACCOUNT).lock, lock("/a", f"t{number}", f"p{number}"))

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(attempt, range(16)))
    assert done.count(None) == 1
    assert set(done) == {None, Kind.IN_USE}
    for house in houses:
        house.close()


def test_locks_may_be_shared_and_end_by_themselves(drive):
    put(drive, "/a", b"1")
    drive.lock(lock("/a", "t", "anna", exclusive=0))
    drive.lock(lock("/a", "u", "bimal", exclusive=0))
    assert kind_of(drive.lock, lock("/", "v", "chitra")) is Kind.IN_USE
    put(drive, "/a", b"2", Caller("bimal", frozenset({"u"})))
    drive.refresh("t", clock.timestamp() - 1)
    drive.unlock("u")
    assert drive.locks() == []
    put(drive, "/a", b"3")


def test_what_was_deleted_or_replaced_can_be_brought_back(drive):
    drive.mkcol(ANNA, "/a")
    put(drive, "/a/b", b"one")
    put(drive, "/a/b", b"other")
    drive.delete(ANNA, "/a")
    (kept,) = drive.kept()
    assert (kept.path, kept.size, kept.deleted) == ("/a", 5, True)
    assert drive.restore(ANNA, kept.id) == "/a"
    assert (content(drive, "/a/b"), drive.room().used) == (b"other", 5)
    (kept,) = drive.kept()
    assert (kept.path, kept.deleted) == ("/a/b", False)
    assert drive.restore(ANNA, kept.id) == "/a/b"
    assert (content(drive, "/a/b"), drive.room().used, len(drive.kept())) == (b"one", 3, 1)


def test_what_was_there_at_an_instant_is_told_with_its_contents_of_then(drive, monkeypatch):
    at = [1000]
    monkeypatch.setattr(clock, "timestamp", lambda: at[0])
    drive.mkcol(ANNA, "/a")
    for name in ("kept", "changed", "deleted"):
        put(drive, f"/a/{name}", name.encode())
    put(drive, "/gone", b"gone")
    drive.delete(ANNA, "/gone")
    at[0] = 2000
    put(drive, "/a/changed", b"by the successor")
    put(drive, "/a/new", b"new")
    drive.delete(ANNA, "/a/deleted")
    at[0] = 3000
    put(drive, "/a/changed", b"once more")
    then = {each.path: drive.content(each).read() for each in drive.past(2000)}
    assert then == {"/a/kept": b"kept", "/a/changed": b"changed", "/a/deleted": b"deleted"}
    drive.delete(ANNA, "/a")
    assert [each.path for each in drive.past(2500)] == ["/a/changed", "/a/kept", "/a/new"]


def test_of_many_versions_those_far_apart_stay(drive, monkeypatch):
    times = iter(range(0, 10_000, 1000))
    at = [0]
    monkeypatch.setattr(clock, "timestamp", lambda: at[0])
    for at[0] in times:  # a day of work, then one of haste
        put(drive, "/a", b"%d" % at[0])
    for at[0] in range(20_000, 20_000 + MOST + 5):
        put(drive, "/a", b"%d" % at[0])
    kept = drive.kept()
    assert len(kept) == MOST
    assert [each.since for each in kept[:9]] == list(range(1000, 10_000, 1000))
    assert kept[-1].since == 20_000 + MOST + 4
    rows = drive.read(lambda tx: tx.cursor.all("SELECT COUNT(*) FROM content"))
    assert rows == [(MOST + 1,)]


def test_the_past_has_as_much_room_as_the_files_and_the_oldest_goes_first(drive, monkeypatch):
    at = [0]
    monkeypatch.setattr(clock, "timestamp", lambda: at[0])
    for at[0] in range(1, 5):
        put(drive, f"/{at[0]}", b"%d" % at[0] * 400)
        drive.delete(ANNA, f"/{at[0]}")
    put(drive, "/a", b"a" * 400)
    at[0] = 6
    put(drive, "/a", b"b" * 400)
    assert [(each.path, each.since) for each in drive.kept()] == [("/4", 4), ("/a", 6)]
    assert (drive.room().used, drive.room().kept) == (400, 800)
    digest = drive.entry("/a").node.digest
    empty(drive, deleted=True)
    assert [each.path for each in drive.kept()] == ["/a"]
    empty(drive, deleted=False)
    assert (drive.kept(), drive.room().kept) == ([], 0)
    assert drive.read(lambda tx: tx.cursor.all("SELECT digest FROM content")) == [(digest,)]


def test_one_thing_goes_for_good_and_all_else_stays(drive):
    """A folder with what is in it and their versions; a version; what is not in the trash does not go by its number."""
    drive.mkcol(ANNA, "/a")
    for path in ("/a/b", "/c", "/d"):
        put(drive, path, b"one")
        put(drive, path, b"two")
    drive.delete(ANNA, "/a")
    drive.delete(ANNA, "/d")
    folder, other, *versions = drive.kept()
    live = drive.entry("/c").node
    drive.forget([folder.id, folder.id, f"d{live.node}"])
    assert drive.kept() == [other, *versions]
    drive.forget([versions[0].id])
    drive.forget([versions[0].id, folder.id, "d999999"])
    assert drive.kept() == [other]
    assert (content(drive, "/c"), drive.restore(ANNA, other.id)) == (b"two", "/d")
    assert kind_of(drive.forget, [folder.id, "x1"]) is Kind.NOT_FOUND
    assert len(drive.kept()) == 1


def test_a_long_way_is_told_step_by_step_and_can_be_left(drive):
    for number in range(120):
        drive.mkcol(ANNA, f"/{number}")
        drive.delete(ANNA, f"/{number}")
    assert next(forgetting(drive, drive.kept())) == 50
    assert len(drive.kept()) == 70
    assert empty(drive) == [50, 70]


def test_nothing_is_brought_back_over_something_else_or_to_nowhere(drive):
    drive.mkcol(ANNA, "/a")
    put(drive, "/a/b", b"one")
    drive.delete(ANNA, "/a/b")
    (kept,) = drive.kept()
    put(drive, "/a/B", b"two")
    assert kind_of(drive.restore, ANNA, kept.id) is Kind.EXISTS
    drive.delete(ANNA, "/a")
    assert kind_of(drive.restore, ANNA, kept.id) is Kind.CONFLICT
    for unknown in ("", "d", "x1", "d99", "v99", "d-1", "d" + "9" * 40):
        assert kind_of(drive.restore, ANNA, unknown) is Kind.NOT_FOUND


def test_a_folder_with_twice_as_much_in_it_costs_twice_as_much(tmp_path):
    """Deleting, listing the trash, emptying it, the check: counted in SQLite's own steps."""
    house, costs = drives(tmp_path, quota=0), []
    for account, count in ((ACCOUNT, 150), (ACCOUNT_2, 600)):
        drive = house.open(account)
        drive.mkcol(ANNA, "/a")
        for number in range(count):
            put(drive, f"/a/{number}", b"%d" % number)
        works = partial(check, drive), partial(drive.delete, ANNA, "/a"), drive.kept, partial(empty, drive)
        costs.append([stepping(drive, work) for work in works])
        assert check(drive) == []
    for few, many in zip(*costs, strict=True):
        assert 0 < many < 5 * few
    house.close()


def stepping(drive: Drive, work) -> int:
    """How many times a hundred steps `work` takes."""
    found = []

    def watch(watcher) -> None:
        for run in (drive.read, drive.write):
            run(lambda tx: tx.cursor.connection.set_progress_handler(watcher, 100))

    watch(lambda: bool(found.append(1)))
    work()
    watch(None)
    return len(found)


def test_small_and_large_contents_come_along_to_another_drive(tmp_path):
    house = drives(tmp_path, quota=0)
    here, there = house.open(ACCOUNT), house.open(ACCOUNT_2)
    here.mkcol(ANNA, "/a")
    octets = {f"/a/{size}": b"%d" % size * size for size in (0, 1, 10, IN_MEMORY + 1)}
    for path, each in octets.items():
        put(here, path, each)
    there.copy_from(ANNA, here, "/a", "/copy", True)
    there.move_from(ANNA, here, "/a", "/a")
    assert names(here) == []
    assert all(content(there, path) == each == content(there, "/copy" + path[2:]) for path, each in octets.items())
    assert check(there, octets=True) == []
    house.close()


def test_the_check_finds_a_damaged_and_a_missing_content(tmp_path):
    house = drives(tmp_path, quota=0)
    drive = house.open(ACCOUNT)
    small, large = (b"one", b"two"), (b"1" * (IN_MEMORY + 1), b"2" * (IN_MEMORY + 1))
    (damaged, missing), (rotten, lost) = (
        [put(drive, f"/{octets[:1]}", octets).digest for octets in pair] for pair in (small, large)
    )
    drive.write(lambda tx: tx.cursor.execute("UPDATE content SET octets = x'4F6E65' WHERE digest = ?", (damaged,)))
    drive.write(lambda tx: tx.cursor.execute("DELETE FROM content WHERE digest = ?", (missing,)))
    drive.blobs.path(rotten).write_bytes(large[1])
    drive.blobs.delete(lost)
    found = {f"a content is missing: {digest}" for digest in (missing, lost)}
    assert set(check(drive)) == found
    found |= {f"a content is damaged: {digest}" for digest in (damaged, rotten)}
    assert set(house.breaches(ACCOUNT, octets=True)) == found
    house.close()


def _kind(call, *given) -> Kind | None:
    try:
        call(*given)
    except Fault as fault:
        return fault.kind
    return None


def _age(drive: Drive) -> None:
    drive.write(lambda tx: tx.cursor.execute("UPDATE node SET trashed = trashed - 10 WHERE trashed IS NOT NULL"))
