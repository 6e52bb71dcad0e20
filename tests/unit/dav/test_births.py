"""An account is born whole, whenever its first process died."""

from contextlib import closing
from zoneinfo import ZoneInfo

from oddav.store.first import first
from oddav.store.store import Store
from odtest.store import ALICE


def test_a_database_that_a_crash_left_empty_is_born_by_whoever_gives_it_something(tmp_path):
    with closing(Store(tmp_path, 4, ZoneInfo("Asia/Kolkata"), lambda _: None)) as store:
        assert not store.has(ALICE)
        assert store.open(ALICE, ()).read(lambda tx: tx.collections()) == []  # the file is there from now on
        assert not store.has(ALICE)
        assert store.breaches(ALICE) == []
        names = [each.name for each in first("en")]
        assert [each.name for each in store.open(ALICE, first("en")).read(lambda tx: tx.collections())] == names
        assert store.has(ALICE)
