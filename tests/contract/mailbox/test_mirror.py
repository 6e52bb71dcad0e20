"""What is kept of a mailbox in memory is never stale, whichever process changes it."""

import pytest

from odcore import haste
from odmail.mailbox import mirror, search
from odmail.mailbox.api import Expunge, Fetch, Search, Snapshot, StoreFlags
from odmail.mailbox.model import Flag
from odtest.store import BOB, CLERK, EVERY, put, shelf

FLAGGED = search.HasFlags(Flag.FLAGGED)


class Watcher:
    """Asks one store about a mailbox that another one may change."""

    def __init__(self, account, mailbox="INBOX"):
        self.account = account
        self.box = account.mailbox(mailbox).id

    def uids(self):
        box = self.account.mailbox("INBOX")
        return list(self.account.uids(Snapshot(box.id, box.uidnext, box.highestmodseq)))

    def found(self, criterion, reader=""):
        return list(self.account.search(Search(self.box, criterion, reader)).uids)

    def flags(self, reader=""):
        return {row.uid: row.flags for row in self.account.fetch(Fetch(self.box, EVERY, reader=reader))}


@pytest.fixture
def both(tmp_path):
    """Two processes on one folder: the one that looks has looked before the other one works."""
    with shelf(tmp_path) as one, shelf(tmp_path) as other:
        worker = other.open()
        put(worker, *[None] * 20)
        watcher = Watcher(one.open())
        assert watcher.uids() == list(range(1, 21))
        yield watcher, worker


def test_flags_set_elsewhere_are_found(both):
    watcher, worker = both
    worker.store(StoreFlags(watcher.box, [(3, 5)], "add", Flag.FLAGGED, ("$Junk",)))
    assert watcher.found(FLAGGED) == [3, 4, 5]
    assert watcher.found(search.HasKeyword("$junk")) == [3, 4, 5]
    assert watcher.found(search.And((FLAGGED, search.Uids([(4, 9)])))) == [4, 5]
    assert watcher.flags() == {uid: Flag.FLAGGED if uid in (3, 4, 5) else 0 for uid in range(1, 21)}


def test_what_came_and_went_elsewhere_is_known(both):
    watcher, worker = both
    put(worker, None, None)
    worker.expunge(Expunge(watcher.box, [(2, 3), (21, 21)], marked=False))
    assert watcher.uids() == [1, *range(4, 21), 22]
    assert list(watcher.flags()) == [1, *range(4, 21), 22]


def test_after_many_changes_all_is_read_again(both, monkeypatch):
    monkeypatch.setattr(mirror, "_SOME", 3)
    watcher, worker = both
    worker.store(StoreFlags(watcher.box, [(1, 10)], "add", Flag.FLAGGED))
    assert watcher.found(FLAGGED) == list(range(1, 11))


def test_a_reader_has_a_seen_of_their_own(both):
    watcher, worker = both
    seen, unseen = search.HasFlags(Flag.SEEN), search.HasFlags(Flag.SEEN, on=False)
    assert watcher.found(unseen, CLERK) == list(range(1, 21))
    worker.store(StoreFlags(watcher.box, [(1, 2)], "add", Flag.SEEN))
    worker.store(StoreFlags(watcher.box, [(2, 3), (20, 20)], "add", Flag.SEEN, reader=CLERK))
    worker.store(StoreFlags(watcher.box, [(4, 4)], "add", Flag.SEEN, reader=BOB))
    assert watcher.found(seen) == [1, 2]
    assert watcher.found(seen, CLERK) == [2, 3, 20]
    assert watcher.found(search.And((unseen, search.Uids([(1, 5)]))), CLERK) == [1, 4, 5]
    assert watcher.flags(CLERK) == {uid: Flag.SEEN if uid in (2, 3, 20) else 0 for uid in range(1, 21)}
    worker.store(StoreFlags(watcher.box, [(3, 3)], "remove", Flag.SEEN, reader=CLERK))
    worker.expunge(Expunge(watcher.box, [(2, 2)], marked=False))
    put(worker, None)
    assert watcher.found(seen, CLERK) == [20]
    assert watcher.found(seen, BOB) == [4]


def test_a_few_uids_are_read_without_the_rest(both):
    _, worker = both
    put(worker, *[None] * 20, to="Drafts")
    fresh = Watcher(worker, "Drafts")
    worker.store(StoreFlags(fresh.box, [(3, 5)], "add", Flag.FLAGGED, ("$Junk",)))
    few = search.Uids([(4, 9)])
    assert fresh.found(search.And((FLAGGED, few))) == [4, 5]
    assert fresh.found(search.And((search.HasKeyword("$Junk", on=False), few))) == [6, 7, 8, 9]
    assert not fresh.found(search.Uids([(21, 30)]))


def test_what_is_current_answers_in_haste_however_large_the_mailbox(both, monkeypatch):
    watcher, worker = both
    monkeypatch.setattr(mirror, "FEW", 2)
    assert haste.at_once(watcher.found, search.HasFlags(Flag.SEEN, on=False)) == list(range(1, 21))
    worker.store(StoreFlags(watcher.box, [(1, 1)], "add", Flag.SEEN))
    with pytest.raises(haste.MustWait):
        haste.at_once(watcher.found, search.HasFlags(Flag.SEEN, on=False))


def test_a_reader_who_asks_for_all_flags_finds_them_in_memory_the_next_time(both, monkeypatch):
    watcher, worker = both
    worker.store(StoreFlags(watcher.box, [(3, 4)], "add", Flag.SEEN, reader=BOB))
    kept, keep = [], mirror.Mirrors._keep
    monkeypatch.setattr(mirror.Mirrors, "_keep", lambda *all_: kept.append(all_) or keep(*all_))
    told = [watcher.flags(BOB), watcher.flags(BOB)]
    assert told == [{uid: Flag.SEEN if uid in (3, 4) else 0 for uid in range(1, 21)}] * 2
    assert len(kept) == 1
