"""Each command does its work with the rights RFC 4314 4 names, and is refused when one of them is missing."""

import pytest

from odmail.mailbox.acl import ALL
from odmail.mailbox.api import CreateMailbox, SetAcl
from odmail.mailbox.check import check
from odmail.mailbox.sharing import share
from odtest.dialog import Client
from odtest.house import BIBHU, PASSWORD, SASMITA, TestHouse, letter

BOX = '"Other Users/sasmita.nayak/Files"'
NEEDS = {
    f"SELECT {BOX}": "r",
    f"EXAMINE {BOX}": "r",
    f"STATUS {BOX} (MESSAGES)": "r",
    f"GETQUOTAROOT {BOX}": "r",
    f'CREATE "{BOX[1:-1]}/New"': "k",
    f"DELETE {BOX}": "x",
    f"APPEND {BOX} {{9+}}\r\nA: b\r\n\r\nc": "i",
    f"COPY 1 {BOX}": "i",
    f"MOVE 1 {BOX}": "i",
    f"REPLACE 1 {BOX} {{9+}}\r\nA: b\r\n\r\nc": "i",
    f"GETACL {BOX}": "a",
    f"SETACL {BOX} anyone l": "a",
    f"DELETEACL {BOX} anyone": "a",
    f"LISTRIGHTS {BOX} anyone": "a",
    f'SETMETADATA {BOX} (/shared/comment "x")': "w",
}
"""With a mailbox of one's own selected."""

INSIDE = {
    "STORE 1 +FLAGS (\\Seen)": "s",
    "STORE 1 +FLAGS (\\Deleted)": "t",
    "STORE 1 -FLAGS (\\Flagged)": "w",
    "STORE 1 +FLAGS (Keyword)": "w",
    "EXPUNGE": "e",
    "UID EXPUNGE 1": "e",
    "MOVE 1 Archive": "te",
    "UID MOVE 1 Archive": "te",
    "REPLACE 1 Archive {9+}\r\nA: b\r\n\r\nc": "te",
}
"""With the shared one selected."""


@pytest.fixture
def world(tmp_path):
    made = TestHouse(tmp_path)
    made.store.open(SASMITA.id).create(CreateMailbox("Files"))
    made.put(SASMITA.id, "Files", letter(1))
    made.put(BIBHU.id, "INBOX", letter(2))
    yield made
    for account in made.store.accounts():
        assert check(made.store.open(account)) == []
    made.store.close()


def reply(world, rights, select, command):
    """What Bibhu is answered who has these rights to Files."""
    options = SetAcl("Files", f"person:{BIBHU.id}", rights)
    share(world.register, world.store.open(SASMITA.id), options)
    client = Client(world, secure=True, split=False)
    for line in (f'LOGIN bibhu.das "{PASSWORD}"', f"SELECT {select}", command):
        client.command(line.encode() + b"\r\n")
        client.collect()
    client.session.lost()
    return client.answers[-1]


@pytest.mark.parametrize("command", NEEDS)
def test_a_mailbox_that_is_named(world, command):
    need = NEEDS[command]
    assert reply(world, ALL.replace(need, ""), "INBOX", command).startswith("NO [NOPERM]")
    assert reply(world, "l" + need, "INBOX", command).startswith("OK")


@pytest.mark.parametrize("command", INSIDE)
def test_the_selected_mailbox(world, command):
    for need in INSIDE[command]:
        assert reply(world, ALL.replace(need, ""), BOX, command).startswith("NO [NOPERM]")
    assert reply(world, "lr" + INSIDE[command], BOX, command).startswith("OK")


def test_renaming_takes_one_right_here_and_one_above_there(world):
    account = world.store.open(SASMITA.id)
    account.create(CreateMailbox("Desk"))
    rename = f'RENAME {BOX} "Other Users/sasmita.nayak/Desk/Files"'
    for desk in ("l", "lk"):
        share(world.register, account, SetAcl("Desk", f"person:{BIBHU.id}", desk))
        assert reply(world, ALL.replace("x", ""), "INBOX", rename).startswith("NO [NOPERM]")
        assert reply(world, "lx", "INBOX", rename).startswith("OK" if "k" in desk else "NO [NOPERM]")


@pytest.mark.parametrize(("rights", "shown"), [("lrs", "READ-ONLY"), ("lr", "READ-ONLY"), ("lri", "READ-WRITE")])
def test_what_select_calls_it(world, rights, shown):
    """\\Seen alone, which is everybody's own, makes no mailbox READ-WRITE.  RFC 4314 5.2"""
    assert reply(world, rights, "INBOX", f"SELECT {BOX}").startswith(f"OK [{shown}]")


def test_closing_without_the_right_to_expunge_expunges_nothing(world):
    account = world.store.open(SASMITA.id)
    assert reply(world, "lrt", BOX, "STORE 1 +FLAGS (\\Deleted)").startswith("OK")
    assert reply(world, "lrt", BOX, "CLOSE").startswith("OK")
    assert account.mailbox("Files").exists == 1
    assert reply(world, "lre", BOX, "CLOSE").startswith("OK")
    assert account.mailbox("Files").exists == 0


def test_reading_without_the_right_to_remember_marks_nothing(world):
    for rights, unseen in (("lr", 1), ("lrs", 0)):
        reply(world, rights, BOX, "FETCH 1 (BODY[])")
        assert world.store.open(SASMITA.id).mailbox("Files", BIBHU.id).unseen == unseen
    assert world.store.open(SASMITA.id).mailbox("Files").unseen == 1
