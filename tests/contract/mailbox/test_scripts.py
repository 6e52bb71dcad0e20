"""The mail store's contract for Sieve: scripts are kept, one is active, deliveries by script are all or nothing."""

import pytest

from odcore import clock
from odcore.errors import Fault, Kind
from odmail.mailbox.api import Append, Fetch
from odmail.mailbox.model import Flag, Need
from odmail.mailbox.ops import remember, scripts
from odmail.mailbox.scripts import Deliver, Filed, Mark, PutScript, RenameScript, Sorted
from odtest.store import EVERY, bodies, letter, new, rows, shelf


@pytest.fixture
def account(tmp_path):
    with shelf(tmp_path) as one:
        yield one.open()


def put(account, name="main", text="keep;"):
    account.put_script(PutScript(name, text))


def fails(kind, call, *args):
    with pytest.raises(Fault) as caught:
        call(*args)
    assert caught.value.kind is kind


def test_a_script_comes_back_as_it_was_put(account):
    put(account, "ଛୁଟି", "# ଓଡ଼ିଆ\r\nkeep;\n")
    assert account.script("ଛୁଟି") == "# ଓଡ଼ିଆ\r\nkeep;\n"
    (entry,) = account.scripts()
    assert (entry.name, entry.size, entry.active) == ("ଛୁଟି", len("# ଓଡ଼ିଆ\r\nkeep;\n".encode()), False)


def test_one_script_is_active_and_a_new_text_of_it_stays_so(account):
    put(account, "a")
    put(account, "b")
    assert account.active_script() is None
    account.activate_script("a")
    account.activate_script("b")
    assert [each.name for each in account.scripts() if each.active] == ["b"]
    before = account.active_script()
    put(account, "b", "stop;")
    after = account.active_script(before.version)
    assert (after.text, after.version > before.version) == ("stop;", True)
    assert account.active_script(after.version).text is None
    account.activate_script("")
    assert account.active_script() is None


def test_renaming_keeps_the_active_script_active(account):
    put(account, "a")
    put(account, "b")
    account.activate_script("a")
    account.rename_script(RenameScript("a", "c"))
    assert account.active_script().name == "c"
    fails(Kind.EXISTS, account.rename_script, RenameScript("c", "b"))
    fails(Kind.NOT_FOUND, account.rename_script, RenameScript("a", "d"))
    account.rename_script(RenameScript("b", "b"))


def test_the_active_script_is_not_deleted(account):
    put(account)
    account.activate_script("main")
    fails(Kind.IN_USE, account.delete_script, "main")
    account.activate_script("")
    account.delete_script("main")
    fails(Kind.NOT_FOUND, account.delete_script, "main")
    fails(Kind.NOT_FOUND, account.script, "main")
    fails(Kind.NOT_FOUND, account.activate_script, "main")


@pytest.mark.parametrize("name", ["", "a\nb", "a\0b", "a\u2028b", "x" * 129])
def test_a_name_must_be_one(account, name):
    fails(Kind.BAD_REQUEST, put, account, name)


def test_scripts_are_bounded_in_size_number_and_sum(account):
    fails(Kind.TOO_BIG, account.check_script_space, "a", (1 << 20) + 1)
    for number in range(4):
        put(account, f"s{number}", "#" * (1 << 20))
    fails(Kind.OVER_QUOTA, account.check_script_space, "one more", 1)
    account.check_script_space("s0", 1 << 20)
    for number in range(4):
        account.delete_script(f"s{number}")
    for number in range(scripts.MOST):
        put(account, f"n{number}")
    fails(Kind.LIMIT, put, account, "one more")
    put(account, "n0", "stop;")


def test_a_message_in_several_mailboxes_is_stored_once(account):
    octets = letter("both")
    places = (Filed("INBOX", int(Flag.FLAGGED), ("$Work",)), Filed("Lists/Sieve", create=True), Filed("inbox"))
    ((first, second),) = account.deliver(Deliver([Sorted(new(octets), places)]))
    assert (first[0], second[0]) == ("INBOX", "Lists/Sieve")
    assert bodies(account) == bodies(account, "Lists/Sieve") == [octets]
    (here,), (there,) = rows(account), rows(account, "Lists/Sieve")
    assert here.message == there.message
    assert here.flags == Flag.FLAGGED
    assert account.keywords() == ("$Work",)
    assert "Lists/Sieve" in account.listed()[1]
    assert account.quota().used == 2 * len(octets)


def test_what_is_not_there_is_the_inbox(account):
    places = (Filed("No Such", mailbox_id="F0123", special_use="\\Nonsense"),)
    (((name, _),),) = account.deliver(Deliver([Sorted(new(), places)]))
    assert name == "INBOX"
    (((name, _),),) = account.deliver(Deliver([Sorted(new(), (Filed("bad//name", create=True),))]))
    assert name == "INBOX"


def test_special_use_and_mailbox_id_lead_to_their_mailbox(account):
    archive = account.mailbox("Archive")
    messages = [
        Sorted(new(), (Filed("x", special_use="\\junk"),)),
        Sorted(new(), (Filed("x", mailbox_id=archive.mailbox_id),)),
        Sorted(new(), (Filed("All of it", special_use="\\All", create=True),)),
    ]
    found = [name for ((name, _),) in account.deliver(Deliver(messages))]
    assert found == ["Junk", "Archive", "All of it"]
    assert account.mailbox("All of it").special_use == "\\All"


def test_a_batch_that_is_too_large_delivers_and_remembers_nothing(account):
    octets = letter("x", "y" * 1000)
    account.append(Append("INBOX", [new(octets)]))
    account.write(lambda tx: tx.cursor.execute(f"UPDATE account SET quota = {len(octets) + 10}"))
    marks = [Mark("k", clock.timestamp() + 100)]
    fails(Kind.OVER_QUOTA, account.deliver, Deliver([Sorted(new(octets), (Filed("INBOX"),))], marks))
    assert len(rows(account)) == 1
    assert not account.is_remembered("k")


def test_marks_are_remembered_until_their_time(account):
    account.deliver(Deliver((), [Mark("a", clock.timestamp() + 100), Mark("b", clock.timestamp() - 1)]))
    assert account.is_remembered("a")
    assert not account.is_remembered("b")
    account.deliver(Deliver((), [Mark("a", clock.timestamp() - 1)]))
    assert not account.is_remembered("a")


def test_marks_are_bounded_and_those_that_end_first_go_first(account, monkeypatch):
    monkeypatch.setattr(remember, "MOST", 10)
    now = clock.timestamp()
    account.deliver(Deliver((), [Mark(f"k{number}", now + 100 + number) for number in range(15)]))
    assert [account.is_remembered(f"k{number}") for number in (0, 4, 5, 14)] == [False, False, True, True]


def test_an_account_full_of_keywords_still_takes_mail(account):
    for number in range(63):
        account.append(Append("INBOX", [new(keywords=(f"k{number}",))]))
    account.deliver(Deliver([Sorted(new(), (Filed("Junk", 0, ("k1", "one-more")),))]))
    (row,) = account.fetch(Fetch(account.mailbox("Junk").id, EVERY, Need(0)))
    assert row.keywords == 1 << account.keywords().index("k1")
