"""Two roles of a node may have a book worker each: one of them follows the directory, the other when that is gone."""

from pathlib import Path

from odsuite.book_worker import Turn


def test_one_at_a_time_has_the_turn(tmp_path: Path):
    path = tmp_path / "book.lock"
    mine = Turn(path)
    assert mine()
    assert mine()
    other = Turn(path)
    assert not other()
    mine._file.close()  # as when its process ends
    assert other()
    other._file.close()
