"""NOTIFY beyond dialogs: what it costs, and what happens when there is too much or the directory is away."""

import pytest

from odcore.errors import Fault, Kind
from odmail.imap import notices
from odmail.mailbox.api import CreateMailbox
from odmail.mailbox.changes import Hint
from odtest.dialog import Client
from odtest.house import PASSWORD, SASMITA, TestHouse, letter

WISH = b"NOTIFY SET (selected (MessageNew MessageExpunge)) (personal (MessageNew MessageExpunge MailboxName))\r\n"


@pytest.fixture
def world(tmp_path):
    made = TestHouse(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def client(world):
    client = Client(world, secure=True, split=False)
    client.command(f'LOGIN {SASMITA.uid} "{PASSWORD}"\r\n'.encode())
    world.deliver_hints()  # those of the account's birth
    yield client
    client.session.lost()
    assert world.watch._listeners == {}


def say(client, data):
    client.command(data)
    client.collect()
    return client.answers[-1]


def arrive(world, client, mailbox):
    client.collect()
    client.fresh()
    world.put(SASMITA.id, mailbox, letter(1))
    world.deliver_hints()
    client.collect()
    return client.answers


@pytest.mark.parametrize("mailboxes", [0, 300])
def test_one_arrival_reads_one_row_however_many_mailboxes_there_are(world, client, mailboxes, monkeypatch):
    account = world.store.open(SASMITA.id)
    for number in range(mailboxes):
        account.create(CreateMailbox(f"Box {number}"))
    world.deliver_hints()
    assert say(client, WISH).startswith("OK")
    asked = []
    call = client.session.house.call
    monkeypatch.setattr(
        type(client.session), "call", lambda self, work, *args: (asked.append(work.__name__), call(work, *args))[1]
    )
    monkeypatch.setattr(notices.listing, "entries", lambda *_: pytest.fail("the list was read"))
    assert arrive(world, client, "Archive")[0].startswith("* STATUS Archive (MESSAGES 1")
    assert asked == ["look"]


def test_too_much_at_once_is_told_as_that_and_no_more(world, client, monkeypatch):
    monkeypatch.setattr(notices, "MOST_AT_ONCE", 2)
    say(client, WISH)
    for mailbox in ("Archive", "Drafts", "Junk"):
        world.put(SASMITA.id, mailbox, letter(1))
    hints = list(world.hints)
    world.hints.clear()
    for hint in hints:
        client.session.notices.heard(hint)
    client.session.regrouped()
    client.collect()
    assert client.answers[-1].startswith("* OK [NOTIFICATIONOVERFLOW]")
    assert arrive(world, client, "Archive") == []
    assert say(client, WISH).startswith("OK")
    assert arrive(world, client, "Archive")[0].startswith("* STATUS Archive (MESSAGES 3")


def test_more_mailboxes_than_can_be_watched_are_refused(world, client, monkeypatch):
    monkeypatch.setattr("odmail.imap.commands.notify.MOST_MAILBOXES", 3)
    assert say(client, WISH).startswith("NO [NOTIFICATIONOVERFLOW]")
    assert client.session.notices is None


def test_what_cannot_be_looked_at_now_is_told_later_and_nothing_spins(world, client, monkeypatch):
    say(client, WISH)
    looked = []

    def busy(*_):
        looked.append(1)
        raise Fault(Kind.TRY_LATER, "The store is busy.")

    with monkeypatch.context() as patch:
        patch.setattr(notices.Notices, "_boxes", busy)
        assert arrive(world, client, "Archive") == []
        assert looked == [1]
    assert arrive(world, client, "Drafts")[0].startswith("* STATUS")
    assert len(client.answers) == 2


def test_nothing_is_told_in_the_middle_of_a_command(world, client):
    """Between the go-ahead and the literal the client hears nothing else."""
    say(client, WISH)
    client.command(b'LOGIN "x" {3}\r\n')
    assert arrive(world, client, "Archive") == []
    client.send(b"abc\r\n")
    client.collect()
    assert [answer[:8] for answer in client.answers] == ["* STATUS", "BAD LOGI"]


def test_a_hint_that_says_nothing_new_tells_nothing(world, client):
    say(client, WISH)
    arrive(world, client, "Archive")
    client.fresh()
    box = world.store.open(SASMITA.id).mailbox("Archive")
    world.watch.tell(Hint(SASMITA.id, box.id, box.highestmodseq))
    client.collect()
    assert client.answers == []
