"""In haste a database is read where nothing is to be waited for, and nowhere else."""

from pathlib import Path
from threading import Thread

import pytest

from odcore import haste
from odcore.sql.database import Database
from odmail.mailbox.store import SCHEMA

_COUNT = "SELECT COUNT(*) FROM account"


@pytest.fixture
def database(tmp_path: Path):
    database = Database(tmp_path / "mail.sqlite", SCHEMA)
    yield database
    database.close()


def count(database: Database) -> int:
    with database.read() as cursor:
        return cursor.first(_COUNT)[0]


def test_an_open_database_is_read(database):
    count(database)
    assert haste.at_once(count, database) == 0
    assert not haste.in_haste()


def test_a_closed_file_is_not_opened(database):
    with pytest.raises(haste.MustWait):
        haste.at_once(count, database)
    count(database)


def test_nobody_waits_for_another_reader(database):
    count(database)
    refused = []

    def other() -> None:
        with pytest.raises(haste.MustWait):
            haste.at_once(count, database)
        refused.append(True)

    with database.read():
        thread = Thread(target=other)
        thread.start()
        thread.join()
    assert refused
    assert haste.at_once(count, database) == 0


def test_nothing_is_written(database):
    with pytest.raises(haste.MustWait):
        haste.at_once(database.submit, lambda cursor: cursor.execute("DELETE FROM account"))
    assert not haste.in_haste()
