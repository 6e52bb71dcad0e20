"""odmail.mailbox.chores: idle work gets done, in small steps, in every account that needs it."""

from odcore.errors import Fault, Kind
from odmail.mailbox.api import Expunge, StoreFlags
from odmail.mailbox.chores import Chores
from odmail.mailbox.model import Flag
from odtest.store import ALICE, BOB, EVERY, letter, put, shelf

LARGE = letter("Large", "x" * 100_000)


def finish(chores):
    steps = 0
    while chores.step():
        steps += 1
        assert steps < 1000
    return steps


def test_new_messages_get_indexed_and_expunged_octets_go(tmp_path):
    with shelf(tmp_path) as one:
        for who in (ALICE, BOB):
            put(one.open(who), LARGE, *[None] * 60)
        chores = Chores(one.store)
        finish(chores)
        account = one.open(ALICE)
        assert account.index_pending() == 0
        one.hints.clear()
        account.store(StoreFlags(1, EVERY, "add", Flag.DELETED))
        account.expunge(Expunge(1))
        for hint in one.hints:
            chores.note(hint)
        finish(chores)
        assert list(account.blobs.names()) == []
        assert account.purge() == 0
        assert len(list(one.open(BOB).blobs.names())) == 1
        assert chores.step() is False


def test_an_account_that_fails_does_not_stop_the_others(tmp_path, monkeypatch):
    with shelf(tmp_path) as one:
        for who in (ALICE, BOB):
            put(one.open(who))
        real = one.store.keep_house

        def fail_for_alice(account):
            if account == ALICE:
                raise Fault(Kind.TRY_LATER, "busy")
            return real(account)

        monkeypatch.setattr(one.store, "keep_house", fail_for_alice)
        finish(Chores(one.store))
        assert one.open(BOB).index_pending() == 0
        assert one.open(ALICE).index_pending() == 1


def test_what_a_crash_left_is_swept_once_a_day(tmp_path, monkeypatch):
    with shelf(tmp_path) as one:
        account = one.open(ALICE)
        orphan = account.blobs.put(b"z" * 100_000)
        monkeypatch.setattr("odcore.blob.store.clock.timestamp", lambda: 4_000_000_000)
        finish(Chores(one.store))
        assert not account.blobs.holds(orphan)
