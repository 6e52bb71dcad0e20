"""A tenure is sealed once, whole, and shows what was changed in it."""

import shutil
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from odcore import clock, disk
from odcore.directory.model import Charge, Post
from odcore.errors import Fault
from odcore.ids import AccountId
from odmail.mailbox.api import Append, CreateMailbox, Expunge, MailAccount
from odmail.tenure import archive as sealing
from odmail.tenure.archive import Archive
from odmail.tenure.model import ended
from odmail.tenure.papers import Paper
from odmail.tenure.retention import Retention
from odtest.store import ALICE, BOB, CLERK, letter, new, shelf

BEGAN, LEFT = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, 10, tzinfo=UTC)
POST = Post(
    ALICE, "cn=x", "collector", "Collector", (), charges=(Charge(BOB, BEGAN, LEFT, "GA-1"), Charge(CLERK, LEFT))
)


class Kept:
    def __init__(self) -> None:
        self.rows: list[dict[str, str]] = []

    def __call__(self, _event: str, _actor: str, _subject: str, /, **facts: str) -> None:
        self.rows.append(facts)


def store(account: MailAccount, folder: str, subject: str, at: datetime, **fields: Any) -> None:
    account.append(Append(folder, [new(letter(subject, **fields), received=int(at.timestamp()))]))


def fill(account: MailAccount) -> None:
    account.create(CreateMailbox("ଦପ୍ତର"))
    store(account, "INBOX", "Before", BEGAN - timedelta(seconds=1))
    store(account, "INBOX", "First", BEGAN)
    store(account, "ଦପ୍ତର", "ପତ୍ର", LEFT - timedelta(seconds=1), text="ଭୂବନେଶ୍ୱର ରେ ବୈଠକ\r\n")
    store(account, "INBOX", "Successor", LEFT)
    store(account, "Junk", "Win", BEGAN)


@pytest.fixture
def kept(tmp_path):
    record = Kept()
    one = Archive(tmp_path / "tenures", record)
    with shelf(tmp_path / "accounts") as accounts:
        yield one, accounts.open(ALICE), record
    one.close()


def test_charges_that_are_over_are_tenures_and_void_ones_are_not():
    void = Charge(BOB, LEFT, LEFT)
    post = Post(ALICE, "", "c", "C", (), charges=(*POST.charges, void, Charge(BOB, LEFT, LEFT + timedelta(days=1))))
    assert [each.end for each in ended(post, LEFT)] == [LEFT]
    assert ended(post, LEFT - timedelta(seconds=1)) == []


def test_sealed_is_what_came_during_the_tenure_and_it_outlives_its_deletion(kept):
    archive, account, record = kept
    fill(account)
    [tenure] = ended(POST, LEFT)
    sealed = archive.seal(tenure, account)
    for box in account.mailboxes():
        account.expunge(Expunge(box.id, [(1, 99)], marked=False))
    assert (sealed.messages, archive.of(tenure.id)) == (2, sealed)
    hits = archive.search(tenure.id, "", 10)
    assert [(hit.folder, hit.received) for hit in hits] == [
        ("ଦପ୍ତର", int(LEFT.timestamp()) - 1),
        ("INBOX", int(BEGAN.timestamp())),
    ]
    assert [hit.folder for hit in archive.search(tenure.id, "ବୈଠକ ପତ୍ର", 10)] == ["ଦପ୍ତର"]
    assert archive.search(tenure.id, "ବୈଠକ First", 10) == []
    assert archive.message(tenure.id, "INBOX", 1) == letter("First")
    assert archive.verify(tenure.id, record.rows[0]["digest"]) == []


def test_a_sealing_broken_off_goes_on_without_a_duplicate_and_is_not_done_twice(kept, monkeypatch):
    archive, account, record = kept
    fill(account)
    for number in range(5):
        store(account, "INBOX", f"More {number}", LEFT - timedelta(days=number + 1))
    [tenure] = ended(POST, LEFT)
    monkeypatch.setattr(sealing, "_TOGETHER", 2)
    put, calls = sealing.put, []

    def broken(*given):
        calls.append(given)
        if len(calls) == 2:
            raise InterruptedError
        put(*given)

    monkeypatch.setattr(sealing, "put", broken)
    with pytest.raises(InterruptedError):
        archive.seal(tenure, account)
    assert not archive.is_sealed(tenure.id)
    assert archive.seal(tenure, account).messages == 7
    store(account, "INBOX", "Late", BEGAN)
    assert archive.seal(tenure, account).messages == 7
    assert len(record.rows) == 1


@pytest.mark.parametrize("broken", ["put", "record", "write"])
def test_wherever_a_sealing_is_broken_off_it_ends_whole(kept, monkeypatch, broken):
    """Of two equal messages both are kept; the manifest is never there without its row of the trail."""
    archive, account, record = kept
    for _ in range(3):
        store(account, "INBOX", "Twice the same", BEGAN)
    [tenure] = ended(POST, LEFT)
    monkeypatch.setattr(sealing, "_TOGETHER", 1)

    put, calls = sealing.put, []

    def once(*given):
        calls.append(put(*given))
        if len(calls) == 1:
            raise InterruptedError

    def never(*_, **__):
        raise InterruptedError

    with monkeypatch.context() as patch:
        where = {"put": (sealing, "put", once), "record": (archive, "_record", never), "write": (disk, "write", never)}
        patch.setattr(*where[broken])
        with pytest.raises(InterruptedError):
            archive.seal(tenure, account)
    assert not archive.is_sealed(tenure.id)
    assert archive.seal(tenure, account).messages == 3
    assert archive.verify(tenure.id, record.rows[-1]["digest"]) == []


def test_what_was_changed_afterwards_is_found(kept):
    archive, account, _record = kept
    fill(account)
    [tenure] = ended(POST, LEFT)
    archive.seal(tenure, account)
    inside = archive._store.open(tenure.id)
    inside.expunge(Expunge(inside.mailbox("INBOX").id, [(1, 1)], marked=False))
    store(inside, "INBOX", "Forged", BEGAN)
    found = archive.verify(tenure.id, "0" * 64)
    assert found == [
        "the manifest is not the one that was sealed",
        "INBOX 1: is gone or changed",
        "INBOX 2: is not in the manifest",
    ]


@pytest.mark.parametrize("key", ["../../etc/passwd", "", str(AccountId("6c1c2a9e-0001-4a6e-9d3c-000000000009"))])
def test_what_is_not_sealed_is_not_opened(kept, key):
    with pytest.raises(Fault):
        kept[0].search(key, "", 1)


def papers(tmp_path):
    """A meeting, and a file that lies in a blob."""
    blob = tmp_path / "blob"
    blob.write_bytes(b"plan of the dam" * 9000)
    return [
        Paper("calendar", "Collector: Calendar", "ବୈଠକ", int(BEGAN.timestamp()), "Circuit House", b"BEGIN:VCALENDAR"),
        Paper("files", "/Reports", "dam.pdf", int(BEGAN.timestamp()), "", None, (str(blob), "d" * 64)),
    ]


def test_papers_are_sealed_found_by_their_words_read_and_listed(kept, tmp_path):
    archive, account, record = kept
    store(account, "INBOX", "The dam at the circuit", BEGAN)
    [tenure] = ended(POST, LEFT)
    sealed = archive.seal(tenure, account, papers(tmp_path))
    assert (sealed.messages, sealed.papers) == (1, 2)
    assert [hit.area for hit in archive.search(tenure.id, "circuit", 10)] == ["calendar", "mail"]
    [hit] = archive.search(tenure.id, "reports DAM.pdf", 10)
    assert (hit.area, hit.folder, hit.subject) == ("files", "/Reports", "dam.pdf")
    entry, file = archive.paper(tenure.id, hit.uid)
    with file:
        assert (entry.file_name, file.read()) == ("dam.pdf", b"plan of the dam" * 9000)
    assert archive.verify(tenure.id, record.rows[0]["digest"]) == []


@pytest.mark.parametrize("forged", ["a blob", "the index"])
def test_a_paper_that_was_changed_is_found(kept, tmp_path, forged):
    archive, account, record = kept
    [tenure] = ended(POST, LEFT)
    archive.seal(tenure, account, papers(tmp_path))
    folder = tmp_path / "tenures" / tenure.id[:2] / tenure.id / "papers"
    changed = folder / "index.jsonl" if forged == "the index" else folder / "blobs" / "dd" / ("d" * 64)
    octets = changed.read_bytes().replace(b"dam", b"dim")
    changed.unlink()
    changed.write_bytes(octets)
    found = archive.verify(tenure.id, record.rows[0]["digest"])
    if forged == "the index":
        assert found == ["the index of papers is not the one that was sealed"]
    else:
        assert found[0] == "files//Reports 2: is gone or changed"


def test_what_an_attempt_left_that_is_held_no_longer_is_not_sealed(kept, tmp_path):
    archive, account, record = kept
    [tenure] = ended(POST, LEFT)
    archive._papers(tenure.id).keep(papers(tmp_path)[:1])
    assert archive.seal(tenure, account, papers(tmp_path)[1:]).papers == 1
    assert archive.verify(tenure.id, record.rows[0]["digest"]) == []


def test_a_tenure_is_kept_for_its_time_told_to_be_over_once_and_destroyed_by_order(kept, tmp_path):
    archive, account, record = kept
    store(account, "INBOX", "First", BEGAN)
    [tenure] = ended(POST, LEFT)
    sealed = archive.seal(tenure, account, papers(tmp_path))
    passed = (clock.now() - LEFT).total_seconds()
    for keep, why in ((0, "for good"), (passed + 60, "is kept until")):
        longer = Retention(tmp_path / "tenures", record, keep)
        assert list(longer.over()) == []
        with pytest.raises(Fault, match=why):
            longer.destroy(sealed, "cli:root", "GA-9")
    retention = Retention(tmp_path / "tenures", record, passed - 60)
    for each in retention.over():
        retention.note_over(each)
    assert list(retention.over()) == []
    with pytest.raises(Fault, match="by which order"):
        retention.destroy(sealed, "cli:root", " ")
    retention.destroy(sealed, "cli:root", "GA-9")
    assert [row.get("order") for row in record.rows] == [None, None, "GA-9"]
    assert not (tmp_path / "tenures" / tenure.id[:2] / tenure.id).exists()
    assert archive.of(tenure.id) == sealed
    assert archive.seal(tenure, account) == sealed
    for look in (lambda: archive.search(tenure.id, "", 9), lambda: archive.paper(tenure.id, 1)):
        with pytest.raises(Fault, match=r"destroyed on .* by order GA-9"):
            look()


def test_a_deed_that_was_broken_off_is_done_by_the_next_round(kept, tmp_path, monkeypatch):
    archive, account, record = kept
    [tenure] = ended(POST, LEFT)
    sealed = archive.seal(tenure, account, papers(tmp_path))
    retention = Retention(tmp_path / "tenures", record, 1)

    def broken(_path):
        raise InterruptedError

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", broken)
        with pytest.raises(InterruptedError):
            retention.destroy(sealed, "cli:root", "GA-9")
    retention.finish()
    assert not (tmp_path / "tenures" / tenure.id[:2] / tenure.id).exists()
