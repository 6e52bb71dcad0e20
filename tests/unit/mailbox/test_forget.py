"""The memory of expunges ends somewhere, and a client that remembers more is still told all it must know."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from odmail.mailbox.api import Expunge, Since, StoreFlags
from odmail.mailbox.check import check
from odmail.mailbox.model import Flag
from odmail.mailbox.ops import forget
from odtest.house import SASMITA, letter
from odtest.talk import Talk

MOST = 3


@pytest.fixture
def talk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Talk]:
    monkeypatch.setattr(forget, "MOST", MOST)
    talk = Talk(tmp_path)
    for number in range(1, 11):
        talk.put(letter(number))
    talk.say(b"ENABLE QRESYNC")
    yield talk
    assert check(talk.world.store.open(SASMITA.id)) == []
    talk.close()


def lose(talk: Talk, *uids: int) -> int:
    """Expunge these one after the other; the HIGHESTMODSEQ then."""
    account = talk.world.store.open(SASMITA.id)
    mailbox = account.mailbox("INBOX").id
    for uid in uids:
        account.store(StoreFlags(mailbox, [(uid, uid)], "add", Flag.DELETED))
        account.expunge(Expunge(mailbox, [(uid, uid)]))
    return account.mailbox("INBOX").highestmodseq


def select(talk: Talk, modseq: int, more: str = "") -> bytes:
    box = talk.world.store.open(SASMITA.id).mailbox("INBOX")
    said = talk.say(f"SELECT INBOX (QRESYNC ({box.uidvalidity} {modseq}{more}))".encode())
    talk.say(b"UNSELECT")
    return said


def test_what_is_remembered_is_told_exactly_and_what_is_not_is_told_in_full(talk: Talk) -> None:
    start = lose(talk)
    middle = lose(talk, 2, 3, 5)
    lose(talk, 8, 9)
    account = talk.world.store.open(SASMITA.id)
    account.sweep()
    assert b"* VANISHED (EARLIER) 2:3,5,8:9\r\n" in select(talk, start)  # one more day
    account.sweep()
    assert b"* VANISHED (EARLIER) 8:9\r\n" in select(talk, middle)
    assert account.changes(Since(account.mailbox("INBOX").id, middle, 11)).absent is None
    assert b"* VANISHED (EARLIER) 2:3,5,8:9\r\n" in select(talk, start)
    assert b"* VANISHED (EARLIER) 3,5,9\r\n" in select(talk, start, " 3:7,9:20")
    assert b"VANISHED" not in select(talk, start, " 4")


def test_not_more_than_that_many_are_kept(talk: Talk) -> None:
    lose(talk, *range(1, 10))
    account = talk.world.store.open(SASMITA.id)
    account.sweep()
    account.sweep()
    kept = account.read(lambda tx: tx.cursor.all("SELECT uid FROM expunged ORDER BY uid"))
    assert kept == [(7,), (8,), (9,)]


def test_a_session_that_slept_through_it_must_select_again(talk: Talk) -> None:
    talk.say(b"SELECT INBOX")
    lose(talk, *range(1, 10))
    talk.world.hints.clear()
    account = talk.world.store.open(SASMITA.id)
    account.sweep()
    account.sweep()
    talk.world.hints.clear()
    assert b"NO " in talk.say(b"FETCH 1 FLAGS")
    assert b"* BYE " in talk.say(b"NOOP")
