"""odcore.sql.database and batch: transactions, shared commits, and what a failure leaves behind."""

import gc
import stat
import sys
import threading
from pathlib import Path

import apsw
import pytest
from sqlalchemy import Column, Integer, MetaData, Table

from odcore.errors import Fault, Kind
from odcore.sql.database import Cursor, Database
from odcore.sql.pool import Pool

NUMBER = Table("number", MetaData(), Column("value", Integer, primary_key=True))


class Numbers:
    """A schema of one table."""

    def upgrade(self, connection: apsw.Connection) -> None:
        connection.execute("CREATE TABLE IF NOT EXISTS number (value INTEGER PRIMARY KEY)")


def numbers(database: Database) -> list[int]:
    with database.read() as cursor:
        return [value for (value,) in cursor.all("SELECT value FROM number ORDER BY value")]


def insert(value: int):
    def work(cursor: Cursor) -> int:
        cursor.execute("INSERT INTO number VALUES (?)", (value,))
        return value * 10

    return work


@pytest.fixture
def database(tmp_path: Path):
    database = Database(tmp_path / "deep" / "numbers.sqlite", Numbers())
    yield database
    database.close()


def test_a_write_is_seen_by_the_next_read(database):
    with database.write() as cursor:
        cursor.execute("INSERT INTO number VALUES (1)")
    assert numbers(database) == [1]


def test_a_write_that_raises_leaves_nothing(database):
    def attempt() -> None:
        with database.write() as cursor:
            cursor.execute("INSERT INTO number VALUES (1)")
            raise KeyError

    with pytest.raises(KeyError):
        attempt()
    assert numbers(database) == []


def test_a_commit_that_need_not_wait_for_the_disk_is_seen_by_others_and_the_next_one_waits(database, tmp_path):
    assert database.submit(insert(1), durable=False) == 10
    other = Database(tmp_path / "deep" / "numbers.sqlite", Numbers())
    assert numbers(other) == [1]
    other.close()
    levels = []
    for durable in (False, True, False):
        with database.write(durable) as cursor:
            levels.append(cursor.connection.pragma("synchronous"))
    assert levels == [1, 2, 1]  # NORMAL, FULL, NORMAL


def test_many_rows_go_in_at_once(database):
    database.submit(lambda cursor: cursor.insert(NUMBER, ("value",), [(number,) for number in range(200)]))
    assert numbers(database) == list(range(200))


def test_a_read_keeps_its_view_while_others_write(database):
    database.submit(insert(1))
    with database.read() as cursor:
        before = cursor.all("SELECT value FROM number")
        database.submit(insert(2))
        assert cursor.all("SELECT value FROM number") == before
    assert numbers(database) == [1, 2]


def test_files_are_private(database):
    database.submit(insert(1))
    modes = {stat.S_IMODE(path.stat().st_mode) for path in database.path.parent.iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE(database.path.parent.stat().st_mode) == 0o700


def test_every_commit_is_synced_in_full(database):
    with database.write() as cursor:
        assert cursor.first("PRAGMA synchronous") == (2,)
        assert cursor.first("PRAGMA journal_mode") == ("wal",)


def test_a_failing_piece_does_not_hurt_those_who_share_its_commit(database):
    outcomes: dict[int, object] = {}
    inside, go_on = threading.Event(), threading.Event()

    def slow(cursor: Cursor) -> None:
        inside.set()
        go_on.wait(10)
        insert(100)(cursor)

    def attempt(value: int) -> None:
        try:
            outcomes[value] = database.submit(insert(value % 5))
        except apsw.ConstraintError:
            outcomes[value] = None

    leader = threading.Thread(target=database.submit, args=(slow,))
    leader.start()
    inside.wait(10)
    others = [threading.Thread(target=attempt, args=(value,)) for value in range(10)]
    for thread in others:
        thread.start()
    go_on.set()
    for thread in [leader, *others]:
        thread.join()
    assert numbers(database) == [0, 1, 2, 3, 4, 100]
    assert sorted(value % 5 for value, result in outcomes.items() if result is not None) == [0, 1, 2, 3, 4]
    assert sum(result is None for result in outcomes.values()) == 5


def test_concurrent_pieces_share_commits(database):
    commits = []
    with database.write() as cursor:
        cursor.connection.set_commit_hook(lambda: bool(commits.append(1)))
    inside, go_on = threading.Event(), threading.Event()

    def slow(cursor: Cursor) -> None:
        inside.set()
        go_on.wait(10)

    leader = threading.Thread(target=database.submit, args=(slow,))
    leader.start()
    inside.wait(10)
    others = [threading.Thread(target=database.submit, args=(insert(value),)) for value in range(20)]
    for thread in others:
        thread.start()
    while len(database._batch._waiting) < 20:
        pass
    before = len(commits)
    go_on.set()
    for thread in [leader, *others]:
        thread.join()
    assert len(numbers(database)) == 20
    assert len(commits) - before <= 2


def test_a_lost_connection_is_told_as_try_later_and_opened_afresh(database, monkeypatch):
    database.submit(insert(1))

    def broken(cursor: Cursor) -> None:
        insert(2)(cursor)
        raise apsw.IOError

    with pytest.raises(Fault) as caught:
        database.submit(broken)
    assert caught.value.kind is Kind.TRY_LATER
    assert database._writer is None
    assert numbers(database) == [1]
    database.submit(insert(3))
    assert numbers(database) == [1, 3]


def test_a_full_disk_is_told_as_such_and_what_was_committed_stays(database):
    with database.write() as cursor:
        cursor.execute("CREATE TABLE ballast (bytes BLOB)")
        cursor.execute("INSERT INTO number VALUES (1)")
        cursor.execute("PRAGMA max_page_count=20")

    def fill(cursor: Cursor) -> None:
        for _ in range(100):
            cursor.execute("INSERT INTO ballast VALUES (zeroblob(4000))")

    with pytest.raises(Fault) as caught:
        database.submit(fill)
    assert caught.value.kind is Kind.NO_SPACE
    assert numbers(database) == [1]


def test_two_databases_on_one_file_wait_for_each_other(tmp_path):
    pair = [Database(tmp_path / "numbers.sqlite", Numbers()) for _ in range(2)]

    def write(number: int) -> None:
        for value in range(50):
            pair[number].submit(insert(value * 2 + number))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert numbers(pair[0]) == numbers(pair[1]) == list(range(100))
    for database in pair:
        database.close()


def test_two_that_make_one_file_at_the_same_time_wait_for_each_other(tmp_path, monkeypatch):
    path = tmp_path / "new.sqlite"
    path.touch()
    other = apsw.Connection(str(path))
    other.execute("BEGIN IMMEDIATE")  # as if in the middle of making it a WAL

    def patience(tries: int) -> bool:
        other.execute("COMMIT")
        return tries == 0

    monkeypatch.setattr("odcore.sql.database._Patience", lambda: patience)
    assert numbers(Database(path, Numbers())) == []


def test_the_pool_closes_the_oldest_but_never_one_in_use(tmp_path):
    pool = Pool(Numbers(), most=2)
    with pool.use(tmp_path / "a") as first:
        first.submit(insert(1))
        for name in "bcd":
            with pool.use(tmp_path / name) as database:
                database.submit(insert(1))
        assert first._writer is not None
        with pool.use(tmp_path / "a") as again:
            assert again is first
    with pool.use(tmp_path / "d") as database:
        assert database._writer is not None
    assert len(pool._slots) == 2
    pool.close()
    assert first._writer is None


def test_a_cursor_that_outlives_its_turn_costs_no_reference_of_its_type(tmp_path: Path):
    """Or apsw frees the type one day, and the process dies."""
    gc.collect()
    before = sys.getrefcount(apsw.Cursor), sys.getrefcount(Cursor)
    database = Database(tmp_path / "numbers.sqlite", Numbers())

    def work() -> None:
        for _ in range(100):
            database.submit(lambda cursor: cursor.execute("SELECT 1"))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.close()
    gc.collect()
    assert (sys.getrefcount(apsw.Cursor), sys.getrefcount(Cursor)) >= before


def counted(database: Database, asked: list[int]) -> int:
    """How many numbers there are; `asked` grows when they had to be counted."""
    with database.read() as cursor:
        known = cursor.recall("count")
        if known is None:
            known = cursor.first("SELECT COUNT(*) FROM number")[0]
            cursor.remember("count", known)
            asked.append(known)
        return known


def test_an_answer_is_remembered_until_somebody_writes(database, tmp_path):
    other = Database(tmp_path / "deep" / "numbers.sqlite", Numbers())
    asked: list[int] = []
    assert [counted(database, asked) for _ in range(3)] == [0] * 3
    database.submit(insert(1))
    assert [counted(database, asked) for _ in range(3)] == [1] * 3
    other.submit(insert(2))
    assert [counted(database, asked) for _ in range(3)] == [2] * 3
    other.close()
    assert asked == [0, 1, 2]


def test_who_writes_remembers_nothing_of_a_state_that_may_never_be(database):
    with database.write() as cursor:
        cursor.execute("INSERT INTO number VALUES (1)")
        cursor.remember("count", 1)
        assert cursor.recall("count") is None


def test_only_the_last_answers_are_remembered(database):
    with database.read() as cursor:
        for number in range(300):
            assert cursor.recall(number) is None
            cursor.remember(number, number)
        assert cursor.recall(0) is None
        assert cursor.recall(299) == 299


def test_a_statement_is_compiled_once_whatever_is_bound(database):
    compiled = []

    def authorize(*_what: object) -> int:
        compiled.append(True)  # SQLite asks when it compiles, and only then
        return apsw.SQLITE_OK

    joined = "pair a JOIN pair b ON b.of = a.of AND b.value = a.value"
    sql = f"SELECT b.value FROM {joined} WHERE a.of = :of AND a.value > :from"
    with database.write() as cursor:
        cursor.execute("CREATE TABLE pair (of INTEGER, value INTEGER, PRIMARY KEY (of, value))")
        cursor.connection.authorizer = authorize
        cursor.all(sql, {"of": 1, "from": 2})
        compiled.clear()
        cursor.all(sql, {"of": 2, "from": 3})
        cursor.connection.authorizer = None
    assert not compiled
