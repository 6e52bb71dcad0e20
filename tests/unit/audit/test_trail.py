"""The audit trail: grows, remembers, betrays tampering."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from odcore.audit.trail import Trail


@pytest.fixture
def trail(tmp_path: Path) -> Iterator[Trail]:
    trail = Trail(tmp_path)
    yield trail
    trail.close()


_ELSEWHERE = """
import pathlib, sys
from odcore.audit.trail import Trail
trail = Trail(pathlib.Path(sys.argv[1]))
for n in range(50):
    trail.record("sign-in", "c", "d", n=str(n))
trail.close()
"""


def tamper(folder: Path, *statements: str) -> None:
    """As somebody with a shell would; the triggers only stop honest mistakes."""
    with sqlite3.connect(folder / "audit.sqlite") as database:
        for trigger in ("trail_no_update", "trail_no_delete"):
            database.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        for statement in statements:
            assert database.execute(statement).rowcount > 0


def fill(trail: Trail, rows: int = 10) -> None:
    for n in range(rows):
        trail.record("person-edited", "cli:root", f"id{n}", fields="title")


def test_rows_come_back_in_order(trail: Trail) -> None:
    trail.record("person-added", "cli:root", "a", uid="ସସ୍ମିତା\nଏବଂ")
    trail.record("sign-in", "a", "b", outcome="ok")
    trail.flush()
    first, second = trail.events()
    assert (first.number, first.event, first.facts) == (1, "person-added", {"uid": "ସସ୍ମିତା\nଏବଂ"})
    assert (second.number, second.actor, second.subject) == (2, "a", "b")
    assert [row.number for row in trail.events(about=frozenset({"b"}))] == [2]
    assert [row.number for row in trail.events(event="person-added")] == [1]
    assert [row.number for row in trail.events(since=second.at)] == [2]
    assert [row.number for row in trail.events(most=1)] == [2]
    assert trail.verify().rows == 2


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("UPDATE trail SET facts = '{}' WHERE number = 4", 4),
        ("UPDATE trail SET at = '2020' WHERE number = 1", 1),
        ("UPDATE trail SET actor = 'cli:nobody' WHERE number = 10", 10),
        ("DELETE FROM trail WHERE number = 5", 5),
        ("UPDATE trail SET number = 99 WHERE number = 7", 7),
        ("INSERT INTO trail SELECT 11, at, event, actor, subject, facts, digest FROM trail WHERE number = 10", 11),
    ],
)
def test_every_change_breaks_the_chain_where_it_was_made(tmp_path: Path, change: str, broken: int) -> None:
    """An edit, a removal, a swap, an insertion."""
    trail = Trail(tmp_path)
    fill(trail)
    assert trail.verify().broken == 0
    trail.close()
    tamper(tmp_path, change)
    verdict = trail.verify()
    assert (verdict.broken, verdict.rows) == (broken, broken - 1)
    trail.close()


def test_a_cut_off_end_is_found_by_a_noted_head(tmp_path: Path) -> None:
    """The chain alone is sound; the digest noted elsewhere is missing from it."""
    trail = Trail(tmp_path)
    fill(trail)
    head = trail.verify().head
    assert trail.verify(head).holds
    trail.close()
    tamper(tmp_path, "DELETE FROM trail WHERE number > 8")
    assert trail.verify().broken == 0
    assert not trail.verify(head).holds
    trail.close()


def test_rows_cannot_be_changed_by_mistake(tmp_path: Path, trail: Trail) -> None:
    fill(trail, 1)
    with sqlite3.connect(tmp_path / "audit.sqlite") as database:
        for change in ("UPDATE trail SET actor = ''", "DELETE FROM trail"):
            with pytest.raises(sqlite3.IntegrityError):
                database.execute(change)


def test_threads_and_processes_share_one_chain(tmp_path: Path, trail: Trail) -> None:
    """Nobody's row is lost, and the numbers have no gap."""
    process = subprocess.Popen([sys.executable, "-c", _ELSEWHERE, str(tmp_path)])
    threads = [Thread(target=fill, args=(trail, 20)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for n in range(500):
        trail.record("sign-in", "a", "b", n=str(n))
    for thread in threads:
        thread.join()
    assert process.wait(60) == 0
    trail.flush()
    verdict = trail.verify()
    assert (verdict.rows, verdict.broken) == (4 * 20 + 500 + 50, 0)


def test_closing_writes_what_waits(tmp_path: Path) -> None:
    trail = Trail(tmp_path)
    for n in range(2000):
        trail.record("sign-in", "a", "b", n=str(n))
    trail.close()
    again = Trail(tmp_path)
    assert again.verify().rows == 2000
    again.close()
