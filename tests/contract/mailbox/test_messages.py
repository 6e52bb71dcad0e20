"""The mail store's contract: messages come in, are read, are flagged, move and go."""

from array import array

import pytest

from odcore.errors import Fault, Kind
from odmail.mailbox.api import Append, Expunge, Fetch, NewMessage, Since, Snapshot, StoreFlags, Transfer
from odmail.mailbox.changes import Flagged, Hint
from odmail.mailbox.model import Flag, Need
from odmail.message.parse import parse
from odtest.store import ALICE, BOB, CLERK, EVERY, bodies, letter, new, put, rows, shelf

LARGE = letter("Large", "x" * 200_000 + "\r\n")


@pytest.fixture
def shelf_(tmp_path):
    with shelf(tmp_path) as one:
        yield one


@pytest.fixture
def account(shelf_):
    return shelf_.open()


def flag(account, flags, uids=EVERY, mode="add", mailbox="INBOX", **options):
    return account.store(StoreFlags(account.mailbox(mailbox).id, uids, mode, flags, **options))


def test_octets_come_back_as_they_came(account):
    messages = [letter("one"), b"", b"no header at all", b"\r\n", letter("two", "\0\xff bare \n lf"), LARGE]
    put(account, *messages)
    assert bodies(account) == messages


def test_a_body_gives_any_range(account):
    put(account, letter(), LARGE)
    for row, octets in zip(rows(account, need=Need.BODY), (letter(), LARGE), strict=True):
        assert row.body.size == len(octets)
        for offset, length in ((0, 10), (5, 200), (len(octets) - 3, 10), (100, -1), (10**9, 5), (0, 0)):
            assert row.body.read(offset, length) == octets[offset : None if length < 0 else offset + length]


def test_a_row_holds_what_was_asked_for_and_nothing_else(account):
    octets = letter("A subject")
    parsed = parse(octets)
    put(account, octets, received=1_700_000_000)
    bare = rows(account)[0]
    assert (bare.size, bare.received, bare.envelope, bare.header, bare.body) == (0, 0, b"", b"", None)
    row = rows(account, need=Need(511))[0]
    assert (row.size, row.received, row.envelope, row.structure) == (
        len(octets),
        1_700_000_000,
        parsed.envelope,
        parsed.structure,
    )
    assert row.header == octets[: parsed.header_size]
    assert (row.preview, row.header_size, row.thread, row.saved > 0) == (
        parsed.preview,
        parsed.header_size,
        row.message,
        True,
    )
    for need in Need:
        assert len(rows(account, need=need)) == 1


def test_uids_ascend_and_are_never_used_again(account):
    first = put(account, None, None)
    flag(account, Flag.DELETED)
    account.expunge(Expunge(first.mailbox))
    second = put(account)
    assert (first.uids, second.uids) == ([1, 2], [3])
    assert second.uidvalidity == first.uidvalidity


def test_appending_to_a_missing_mailbox_makes_it_only_when_asked(account):
    with pytest.raises(Fault) as caught:
        put(account, to="Reports/2026")
    assert caught.value.kind is Kind.NOT_FOUND
    account.append(Append("Reports/2026", [new()], create=True))
    assert account.mailbox("Reports/2026").exists == 1
    assert account.mailbox("Reports").exists == 0
    account.delete("Reports")
    account.append(Append("Reports", [new()], create=True))
    assert account.mailbox("Reports").exists == 1


def test_all_messages_of_an_append_enter_or_none(shelf_, account):
    shelf_.store.set_quota(ALICE, len(letter()) + 10)
    with pytest.raises(Fault) as caught:
        put(account, None, None)
    assert caught.value.kind is Kind.OVER_QUOTA
    assert account.mailbox("INBOX").exists == account.quota().used == 0
    put(account)
    assert account.quota().used == len(letter())


def test_copies_count_towards_the_quota(shelf_, account):
    put(account)
    shelf_.store.set_quota(ALICE, len(letter()) * 2)
    inbox = account.mailbox("INBOX").id
    account.copy(Transfer(inbox, EVERY, "Sent"))
    with pytest.raises(Fault) as caught:
        account.copy(Transfer(inbox, EVERY, "Sent"))
    assert caught.value.kind is Kind.OVER_QUOTA
    account.move(Transfer(inbox, EVERY, "Archive"))  # moving asks for nothing


def test_an_account_over_a_lowered_quota_can_still_delete(shelf_, account):
    put(account, None, None)
    shelf_.store.set_quota(ALICE, 1)
    flag(account, Flag.DELETED)
    account.expunge(Expunge(account.mailbox("INBOX").id))
    assert account.quota().used == 0


def test_flags_are_added_removed_and_set(account):
    put(account, None, None, flags=Flag.DRAFT, keywords=("$Work",))
    flag(account, Flag.SEEN | Flag.FLAGGED, [(1, 1)])
    flag(account, Flag.DRAFT, [(1, 1)], "remove", keywords=("$work", "unknown"))
    flag(account, Flag.DELETED, [(2, 2)], "set", keywords=("Later",))
    assert [(row.flags, row.keywords) for row in rows(account)] == [(Flag.SEEN | Flag.FLAGGED, 0), (Flag.DELETED, 2)]
    assert account.keywords() == ("$Work", "Later")
    box = account.mailbox("INBOX")
    assert (box.exists, box.unseen, box.deleted) == (2, 1, 1)


def test_storing_what_is_already_so_changes_no_modseq_and_gives_no_hint(shelf_, account):
    put(account)
    flag(account, Flag.SEEN)
    before, hints = account.mailbox("INBOX").highestmodseq, len(shelf_.hints)
    stored = flag(account, Flag.SEEN)
    assert (stored.modseq, [row.flags for row in stored.rows]) == (before, [Flag.SEEN])
    assert account.mailbox("INBOX").highestmodseq == before
    assert len(shelf_.hints) == hints


def test_a_conditional_store_leaves_changed_messages_alone(account):
    put(account, None, None)
    seen = flag(account, Flag.SEEN, [(1, 1)])
    stored = flag(account, Flag.FLAGGED, unchanged_since=seen.modseq - 1)
    assert stored.failed == [1]
    assert [(row.uid, row.flags) for row in stored.rows] == [(2, Flag.FLAGGED)]


def test_the_sixty_fourth_keyword_is_a_limit_and_the_message_does_not_enter(account):
    put(account, keywords=tuple(f"k{number}" for number in range(63)))
    with pytest.raises(Fault) as caught:
        put(account, keywords=("one-more",))
    assert caught.value.kind is Kind.LIMIT
    assert rows(account)[0].keywords == (1 << 63) - 1
    assert account.mailbox("INBOX").exists == 1


def test_a_copy_has_the_octets_flags_and_dates_and_a_message_of_the_same_key(account):
    put(account, LARGE, flags=Flag.SEEN, keywords=("x",), received=5)
    done = account.copy(Transfer(account.mailbox("INBOX").id, EVERY, "Sent"))
    assert (done.source, done.target, done.uidvalidity) == ([1], [1], account.mailbox("Sent").uidvalidity)
    old, copied = rows(account, need=Need.DATES)[0], rows(account, "Sent", Need.DATES)[0]
    assert (copied.message, copied.flags, copied.keywords, copied.received) == (old.message, Flag.SEEN, 1, 5)
    assert bodies(account, "Sent") == [LARGE]


def test_a_move_leaves_a_trace_in_the_source_and_gives_new_uids(account):
    put(account, None, None, None)
    inbox = account.mailbox("INBOX")
    put(account, to="Junk")
    done = account.move(Transfer(inbox.id, [(1, 1), (3, 9)], "Junk"))
    assert (done.source, done.target) == ([1, 3], [2, 3])
    assert done.modseq == account.mailbox("INBOX").highestmodseq > inbox.highestmodseq
    assert account.changes(Since(inbox.id, inbox.highestmodseq, inbox.uidnext)).removed == array("I", [1, 3])


def test_a_move_within_a_mailbox_gives_new_uids(account):
    put(account, None, None)
    inbox = account.mailbox("INBOX").id
    assert account.move(Transfer(inbox, [(1, 1)], "inbox")).target == [3]
    assert [row.uid for row in rows(account)] == [2, 3]
    account.copy(Transfer(inbox, [(2, 2)], "INBOX"))
    assert [row.uid for row in rows(account)] == [2, 3, 4]


def test_moving_what_is_gone_is_no_error_and_a_missing_target_is(account):
    inbox = account.mailbox("INBOX").id
    assert account.move(Transfer(inbox, EVERY, "Junk")).source == []
    for act in (account.copy, account.move):
        with pytest.raises(Fault) as caught:
            act(Transfer(inbox, EVERY, "Nowhere"))
        assert caught.value.kind is Kind.NOT_FOUND


def test_expunge_takes_deleted_messages_among_the_uids_given(account):
    put(account, *[None] * 5)
    inbox = account.mailbox("INBOX").id
    flag(account, Flag.DELETED, [(2, 4)])
    assert account.expunge(Expunge(inbox, [(1, 2), (4, 4)])).uids == array("I", [2, 4])
    assert account.expunge(Expunge(inbox)).uids == array("I", [3])
    assert account.expunge(Expunge(inbox)).uids == array("I")
    assert [row.uid for row in rows(account)] == [1, 5]


def test_overlapping_and_unordered_ranges_count_each_message_once(account):
    put(account, *[None] * 4)
    inbox = account.mailbox("INBOX").id
    ranges = [(3, 4), (1, 3), (2, 2), (4, 900)]
    assert [row.uid for row in account.fetch(Fetch(inbox, ranges))] == [1, 2, 3, 4]
    assert account.copy(Transfer(inbox, ranges, "Sent")).source == [1, 2, 3, 4]


def test_fetch_by_modseq_gives_only_what_changed_later(account):
    put(account, None, None)
    since = account.mailbox("INBOX").highestmodseq
    flag(account, Flag.SEEN, [(2, 2)])
    found = account.fetch(Fetch(account.mailbox("INBOX").id, EVERY, changed_since=since))
    assert [row.uid for row in found] == [2]


def test_a_snapshot_is_what_it_was_whatever_happened_since(account):
    put(account, *[None] * 5)
    box = account.mailbox("INBOX")
    snapshot = Snapshot(box.id, box.uidnext, box.highestmodseq)
    flag(account, Flag.DELETED, [(2, 3)])
    account.expunge(Expunge(box.id))
    put(account)
    account.move(Transfer(box.id, [(5, 5)], "Junk"))
    assert account.uids(snapshot) == array("I", [1, 2, 3, 4, 5])
    for first, most, uids in ((4, 0, [4, 5]), (9, 2, [4, 5]), (2, 1, [2, 3, 4, 5]), (9, 9, [1, 2, 3, 4, 5])):
        told = account.uids(Snapshot(box.id, box.uidnext, box.highestmodseq, first, most))
        assert list(told)[-len(uids) :] == uids
    now = account.mailbox("INBOX")
    assert account.uids(Snapshot(box.id, now.uidnext, now.highestmodseq)) == array("I", [1, 4, 6])


def test_changes_tell_what_came_changed_and_went(account):
    put(account, *[None] * 4)
    box = account.mailbox("INBOX")
    flag(account, Flag.SEEN, [(1, 1)], keywords=("k",))
    flag(account, Flag.DELETED, [(2, 2)])
    account.expunge(Expunge(box.id))
    put(account, None, None)
    flag(account, Flag.DELETED, [(5, 5)])
    account.expunge(Expunge(box.id))
    changes = account.changes(Since(box.id, box.highestmodseq, box.uidnext))
    now = account.mailbox("INBOX")
    assert (changes.modseq, changes.uidnext) == (now.highestmodseq, now.uidnext)
    assert changes.flagged == [Flagged(1, Flag.SEEN, 1, box.highestmodseq + 1)]
    assert [added.uid for added in changes.added] == [6]
    assert changes.removed == array("I", [2])
    nothing = account.changes(Since(box.id, now.highestmodseq, now.uidnext))
    assert (nothing.added, nothing.flagged, nothing.removed) == ([], [], array("I"))


def test_recent_is_told_once(account):
    put(account, None, None)
    inbox = account.mailbox("INBOX").id
    assert account.take_recent(inbox) == 1
    assert account.take_recent(inbox) == account.mailbox("INBOX").recent_from == 3
    put(account)
    assert account.take_recent(inbox) == 3


def test_each_reader_of_a_post_has_their_own_seen(account):
    put(account, None, None, None)
    inbox = account.mailbox("INBOX").id
    flag(account, Flag.SEEN | Flag.FLAGGED, [(1, 2)], reader=BOB)
    flag(account, Flag.SEEN, [(3, 3)])
    assert [row.flags for row in rows(account, reader=BOB)] == [Flag.SEEN | Flag.FLAGGED] * 2 + [0]
    assert [row.flags for row in rows(account, reader=CLERK)] == [Flag.FLAGGED, Flag.FLAGGED, 0]
    assert [row.flags for row in rows(account)] == [Flag.FLAGGED, Flag.FLAGGED, Flag.SEEN]
    assert [account.mailbox("INBOX", who).unseen for who in (BOB, CLERK, "")] == [1, 3, 2]
    assert {box.name: box.unseen for box in account.mailboxes(BOB)}["INBOX"] == 1
    stored = flag(account, Flag.SEEN, [(1, 1)], "remove", reader=BOB)
    assert [row.flags for row in stored.rows] == [Flag.FLAGGED]
    account.move(Transfer(inbox, [(2, 2)], "Archive", reader=BOB))
    assert [row.flags for row in rows(account, "Archive", reader=BOB)] == [Flag.SEEN | Flag.FLAGGED]
    assert account.mailbox("Archive", BOB).unseen == 0
    flag(account, Flag.DELETED, mailbox="Archive")
    account.expunge(Expunge(account.mailbox("Archive").id))


def test_a_message_appended_as_seen_is_seen_by_the_one_who_appended(account):
    account.append(Append("INBOX", [new(flags=Flag.SEEN | Flag.FLAGGED), new()], reader=BOB))
    assert [row.flags for row in rows(account, reader=BOB)] == [Flag.SEEN | Flag.FLAGGED, 0]
    assert [row.flags for row in rows(account)] == [Flag.FLAGGED, 0]


def test_changes_show_a_reader_their_own_seen(account):
    put(account, None, None)
    box = account.mailbox("INBOX")
    flag(account, Flag.SEEN, [(1, 1)], reader=BOB)
    changes = {who: account.changes(Since(box.id, box.highestmodseq, box.uidnext, who)).flagged for who in (BOB, CLERK)}
    assert [one.flags for one in changes[BOB]] == [Flag.SEEN]
    assert [one.flags for one in changes[CLERK]] == [0]


def test_replies_share_a_thread_until_the_subject_changes(account):
    put(
        account,
        letter("Budget", Message_ID="<1@x>"),
        letter("Re: Budget", Message_ID="<2@x>", References="<1@x>"),
        letter("Fwd: Budget", Message_ID="<3@x>", References="<0@x> <2@x>"),
        letter("Something else", Message_ID="<4@x>", References="<2@x>"),
        letter("Budget", Message_ID="<5@x>"),
    )
    threads = [row.thread for row in rows(account, need=Need.THREAD)]
    assert threads[0] == threads[1] == threads[2]
    assert len(set(threads)) == 3


def test_email_ids_of_two_accounts_never_meet(shelf_):
    keys = [put(shelf_.open(who)).messages[0] for who in (ALICE, BOB, CLERK)]
    assert len(set(keys)) == 3


def test_hints_come_after_the_commit_and_name_the_mailbox(shelf_, account):
    shelf_.hints.clear()
    done = put(account)
    assert shelf_.hints == [Hint(ALICE, done.mailbox, done.modseq)]


def test_a_spooled_source_is_linked_not_copied(account):
    incoming = account.incoming()
    for at in range(0, len(LARGE), 7000):
        incoming.write(LARGE[at : at + 7000])
    source = incoming.finish()
    account.append(Append("INBOX", [NewMessage(source, parse(source.view()))]))
    digest = source.digest
    assert account.blobs.path(digest).stat().st_nlink == 2
    incoming.discard()
    assert account.blobs.path(digest).stat().st_nlink == 1
    assert bodies(account) == [LARGE]


def test_purging_erases_octets_that_no_mailbox_shows(account):
    put(account, LARGE, LARGE, letter())
    inbox = account.mailbox("INBOX").id
    account.copy(Transfer(inbox, [(3, 3)], "Sent"))
    account.index_pending()
    flag(account, Flag.DELETED, [(1, 1), (3, 3)])
    account.expunge(Expunge(inbox))
    assert account.purge() > 0
    assert bodies(account) == [LARGE]
    assert bodies(account, "Sent") == [letter()]
    flag(account, Flag.DELETED)
    account.expunge(Expunge(inbox))
    while account.purge():
        pass
    assert list(account.blobs.names()) == []
    assert put(account, LARGE).uids == [4]
    assert bodies(account) == [LARGE]


def test_a_large_body_read_after_its_purge_is_told_as_gone(account):
    put(account, LARGE)
    body = rows(account, need=Need.BODY)[0].body
    flag(account, Flag.DELETED)
    account.expunge(Expunge(account.mailbox("INBOX").id))
    account.purge()
    with pytest.raises(Fault) as caught:
        body.read()
    assert caught.value.kind is Kind.EXPUNGED


def test_only_ids_open_accounts(shelf_):
    for name in ("", "../../etc", "alice", "6C1C2A9E-0001-4A6E-9D3C-000000000001"):
        with pytest.raises(Fault) as caught:
            shelf_.open(name)
        assert caught.value.kind is Kind.NOT_FOUND


def test_more_accounts_than_open_files_all_work(tmp_path):
    with shelf(tmp_path, open_accounts=2) as one:
        accounts = [one.open(f"6c1c2a9e-0001-4a6e-9d3c-{number:012x}") for number in range(6)]
        for _ in range(2):
            for account in accounts:
                put(account)
        assert [account.mailbox("INBOX").exists for account in accounts] == [2] * 6
