"""The mail store's contract: mailboxes are born, made, renamed, deleted and subscribed to."""

import pytest

from odcore.errors import Fault, Kind
from odmail.mailbox.api import CreateMailbox, RenameMailbox, Since, StoreFlags, Subscribe
from odmail.mailbox.model import BORN_WITH, Flag, SpecialUse
from odtest.store import ALICE, BOB, EVERY, put, rows, shelf


@pytest.fixture
def shelf_(tmp_path):
    with shelf(tmp_path) as one:
        yield one


@pytest.fixture
def account(shelf_):
    return shelf_.open()


def names(account):
    return [box.name for box in account.mailboxes()]


def refusal(call, *arguments):
    with pytest.raises(Fault) as caught:
        call(*arguments)
    return caught.value.kind


def test_an_account_is_born_with_its_mailboxes_subscribed(account):
    boxes = {box.name: box for box in account.mailboxes()}
    assert {(name, box.special_use) for name, box in boxes.items()} == set(BORN_WITH)
    assert all(box.subscribed and box.selectable and box.uidnext == 1 for box in boxes.values())
    assert len({box.mailbox_id for box in boxes.values()}) == len(BORN_WITH)


def test_an_account_is_born_once(shelf_, account, tmp_path):
    put(account)
    with shelf(tmp_path) as other:
        assert other.open().mailbox("INBOX").exists == 1


def test_mailbox_ids_differ_between_accounts(shelf_, account):
    ids = {box.mailbox_id for who in (ALICE, BOB) for box in shelf_.open(who).mailboxes()}
    assert len(ids) == 2 * len(BORN_WITH)


def test_creating_makes_the_parents(account):
    made = account.create(CreateMailbox("a/b/c/"))
    assert made.name == "a/b/c"
    listed = names(account)
    assert listed.index("a") < listed.index("a/b") < listed.index("a/b/c")


def test_parents_come_before_children_whatever_sorts_between(account):
    for name in ("x", "x-y", "x/z", "x!"):
        account.create(CreateMailbox(name))
    listed = names(account)
    assert listed.index("x/z") == listed.index("x") + 1


@pytest.mark.parametrize(
    "name", ["", "/", "a//b", "/a", "a/\0", "a\r\nb", "a\u2028b", "x" * 256, "/".join(["x" * 200] * 6), "\ud800"]
)
def test_names_that_are_none_are_refused(account, name):
    assert refusal(account.create, CreateMailbox(name)) is Kind.BAD_REQUEST
    assert refusal(account.subscribe, Subscribe(name, on=True)) is Kind.BAD_REQUEST


def test_inbox_is_inbox_in_any_case_and_other_names_are_composed(account):
    account.create(CreateMailbox("inbox/Sub"))
    assert account.mailbox("InBox").name == "INBOX"
    assert account.mailbox("INBOX/Sub").name == "INBOX/Sub"
    decomposed, composed = "ଓଡ଼ିଶା cafe\u0301", "ଓଡ଼ିଶା café"
    account.create(CreateMailbox(decomposed))
    assert account.mailbox(composed) == account.mailbox(decomposed)
    assert refusal(account.create, CreateMailbox("inbox")) is Kind.EXISTS
    assert refusal(account.create, CreateMailbox(composed)) is Kind.EXISTS


def test_a_special_use_is_given_once(account):
    assert refusal(account.create, CreateMailbox("Gone", SpecialUse.TRASH)) is Kind.CONFLICT
    account.delete("Trash")
    assert account.create(CreateMailbox("Gone", SpecialUse.TRASH)).special_use is SpecialUse.TRASH


def test_a_mailbox_made_anew_has_a_greater_uidvalidity_and_another_id(account):
    first = account.create(CreateMailbox("a"))
    put(account, to="a")
    account.delete("a")
    second = account.create(CreateMailbox("a"))
    assert second.uidvalidity > first.uidvalidity
    assert second.mailbox_id != first.mailbox_id
    assert (second.exists, second.uidnext) == (0, 1)


def test_deleting_takes_the_messages_and_leaves_the_children(account):
    account.create(CreateMailbox("a/b"))
    put(account, None, None, to="a")
    old = account.mailbox("a")
    account.delete("a")
    bare = account.mailbox("a")
    assert (bare.selectable, bare.exists, account.quota().used) == (False, 0, 0)
    assert refusal(account.delete, "a") is Kind.CONFLICT
    assert refusal(lambda: put(account, to="a")) is Kind.NOT_FOUND
    made = account.create(CreateMailbox("a"))
    assert made.selectable
    assert made.uidvalidity > old.uidvalidity
    assert made.mailbox_id != old.mailbox_id


def test_a_bare_name_goes_with_its_last_child(account):
    account.create(CreateMailbox("a/b/c"))
    account.delete("a")
    account.delete("a/b")
    account.delete("a/b/c")
    assert len(names(account)) == len(BORN_WITH)


def test_inbox_cannot_be_deleted_and_missing_mailboxes_are_told(account):
    assert refusal(account.delete, "inbox") is Kind.DENIED
    assert refusal(account.delete, "nowhere") is Kind.NOT_FOUND
    assert refusal(account.mailbox, "nowhere") is Kind.NOT_FOUND
    assert refusal(account.rename, RenameMailbox("nowhere", "b")) is Kind.NOT_FOUND
    assert refusal(account.changes, Since(999, 1, 1)) is Kind.NOT_FOUND


def test_renaming_takes_the_family_along_and_keeps_the_identities(account):
    for name in ("a/b/c", "ab"):
        account.create(CreateMailbox(name))
    put(account, to="a/b")
    before = account.mailbox("a/b")
    account.subscribe(Subscribe("a/b", on=True))
    account.rename(RenameMailbox("a", "new/place"))
    after = account.mailbox("new/place/b")
    assert (after.mailbox_id, after.uidvalidity, after.exists) == (before.mailbox_id, before.uidvalidity, 1)
    assert {"new", "new/place", "new/place/b", "new/place/b/c", "ab"} <= set(names(account))
    assert not {"a", "a/b", "a/b/c"} & set(names(account))
    assert "new/place/b" in account.listed()[1]
    assert "a/b" not in account.listed()[1]


def test_renaming_is_refused_onto_others_and_below_itself(account):
    account.create(CreateMailbox("a/b"))
    assert refusal(account.rename, RenameMailbox("a", "Sent")) is Kind.EXISTS
    assert refusal(account.rename, RenameMailbox("a", "a/b/c")) is Kind.BAD_REQUEST
    assert refusal(account.rename, RenameMailbox("a", "x//y")) is Kind.BAD_REQUEST
    assert refusal(account.rename, RenameMailbox("a", "INBOX")) is Kind.EXISTS


def test_a_mailbox_renamed_onto_a_name_once_used_gets_a_greater_uidvalidity(account):
    account.create(CreateMailbox("old"))
    taken = account.create(CreateMailbox("name"))
    account.delete("name")
    account.rename(RenameMailbox("old", "name"))
    assert account.mailbox("name").uidvalidity > taken.uidvalidity


def test_renaming_inbox_moves_its_messages_and_leaves_it_empty(account):
    put(account, None, None, flags=Flag.FLAGGED)
    inbox = account.mailbox("INBOX")
    account.create(CreateMailbox("INBOX/child"))
    account.store(StoreFlags(inbox.id, [(1, 1)], "add", Flag.SEEN, reader=BOB))
    account.rename(RenameMailbox("INBOX", "Before"))
    assert [row.flags for row in rows(account, "Before", reader=BOB)] == [Flag.FLAGGED | Flag.SEEN, Flag.FLAGGED]
    after = account.mailbox("INBOX")
    assert (after.id, after.exists, after.uidvalidity, after.uidnext) == (inbox.id, 0, inbox.uidvalidity, 3)
    assert "INBOX/child" in names(account)
    assert list(account.changes(Since(inbox.id, inbox.highestmodseq, inbox.uidnext)).removed) == [1, 2]


def test_subscribing_needs_no_mailbox_and_says_the_same_twice(account):
    for _ in range(2):
        account.subscribe(Subscribe("not/there", on=True))
    assert account.listed()[1].count("not/there") == 1
    for _ in range(2):
        account.subscribe(Subscribe("inbox", on=False))
    assert "INBOX" not in account.listed()[1]
    assert not account.mailbox("INBOX").subscribed


def test_the_list_of_mailboxes_is_hinted_at(shelf_, account):
    shelf_.hints.clear()
    account.create(CreateMailbox("a"))
    account.rename(RenameMailbox("a", "b"))
    account.subscribe(Subscribe("b", on=True))
    account.delete("b")
    assert [hint.mailbox for hint in shelf_.hints].count(0) == 4


def test_a_deleted_mailbox_is_gone_for_those_who_have_it_selected(account):
    box = account.create(CreateMailbox("a"))
    put(account, to="a")
    account.delete("a")
    assert refusal(account.changes, Since(box.id, 0, 1)) is Kind.NOT_FOUND
    assert refusal(account.store, StoreFlags(box.id, EVERY, "add", Flag.SEEN)) is Kind.NOT_FOUND
