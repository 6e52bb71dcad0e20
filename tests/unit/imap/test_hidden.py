"""What may not be looked up answers like what does not exist, whatever the command.  RFC 4314 6"""

import pytest

from odcore.sharing.api import MAIL
from odmail.imap import commands
from odmail.mailbox.api import CreateMailbox, SetAcl
from odmail.mailbox.sharing import share
from odtest.dialog import Client
from odtest.house import BIBHU, COLLECTOR, PASSWORD, SASMITA, TestHouse, letter

NAMING = {
    "APPEND": 'APPEND "{}" {{9+}}\r\nA: b\r\n\r\nc',
    "COPY": 'COPY 1 "{}"',
    "CREATE": 'CREATE "{}"',
    "CREATE below": 'CREATE "{}/Below"',
    "DELETE": 'DELETE "{}"',
    "DELETEACL": 'DELETEACL "{}" anyone',
    "EXAMINE": 'EXAMINE "{}"',
    "GETACL": 'GETACL "{}"',
    "GETMETADATA": 'GETMETADATA "{}" /shared/comment',
    "GETQUOTA": 'GETQUOTA "{}"',
    "GETQUOTAROOT": 'GETQUOTAROOT "{}"',
    "LIST": 'LIST "" "{}"',
    "LIST all": 'LIST "" "{}*" RETURN (MYRIGHTS STATUS (MESSAGES))',
    "LISTRIGHTS": 'LISTRIGHTS "{}" anyone',
    "LSUB": 'LSUB "" "{}"',
    "MOVE": 'MOVE 1 "{}"',
    "MYRIGHTS": 'MYRIGHTS "{}"',
    "NOTIFY": 'NOTIFY SET STATUS (mailboxes "{}" (MessageNew MessageExpunge MailboxName))',
    "RENAME": 'RENAME "{}" Mine',
    "RENAME to": 'RENAME Archive "{}"',
    "REPLACE": 'REPLACE 1 "{}" {{9+}}\r\nA: b\r\n\r\nc',
    "SELECT": 'SELECT "{}"',
    "SETACL": 'SETACL "{}" anyone lr',
    "SETMETADATA": 'SETMETADATA "{}" (/private/comment "x")',
    "SETQUOTA": 'SETQUOTA "{}" ()',
    "STATUS": 'STATUS "{}" (MESSAGES)',
    "SUBSCRIBE": 'SUBSCRIBE "{}"',
    "UNSUBSCRIBE": 'UNSUBSCRIBE "{}"',
    "XLIST": 'XLIST "" "{}"',
}
"""Every command that takes a mailbox's name."""

NAMELESS = {
    *("AUTHENTICATE", "CAPABILITY", "CHECK", "CLOSE", "COMPRESS", "ENABLE", "EXPUNGE", "FETCH", "ID", "IDLE", "LOGIN"),
    *("LOGOUT", "NAMESPACE", "NOOP", "SEARCH", "SORT", "STARTTLS", "STORE", "THREAD", "UNSELECT"),
}

ALWAYS_OK = ("LIST", "LSUB", "NOTIFY", "SUBSCRIBE", "UNSUBSCRIBE", "XLIST")
"""These pass over names that lead nowhere."""

HIDDEN = {
    "in an account that shares something else": ("Other Users/sasmita.nayak/Secret", "Other Users/sasmita.nayak/No"),
    "in an account that shares nothing": ("Other Users/prakash/INBOX", "Other Users/nobody/INBOX"),
    "in a post that shares nothing": ("Posts/treasury.puri/INBOX", "Posts/nobody/INBOX"),
    "in a post that shares something else": ("Posts/collector.khordha/Drafts", "Posts/collector.khordha/No"),
}


@pytest.fixture
def client(tmp_path):
    """Bibhu, with INBOX selected; Sasmita and the Collector let him read theirs, and nothing else."""
    world = TestHouse(tmp_path)
    world.put(BIBHU.id, "INBOX", letter(1))
    world.store.open(SASMITA.id).create(CreateMailbox("Secret"))
    for account, giver in ((SASMITA.id, ""), (COLLECTOR.id, SASMITA.id)):
        options = SetAcl("INBOX", f"person:{BIBHU.id}", "lr", giver=giver)
        share(world.register, world.store.open(account), options)
    assert world.register.owners(MAIL, frozenset((f"person:{BIBHU.id}",))) == {SASMITA.id, COLLECTOR.id}
    client = Client(world, secure=True, split=False)
    client.command(f'LOGIN bibhu.das "{PASSWORD}"\r\n'.encode())
    client.command(b"SELECT INBOX\r\n")
    client.collect()
    client.fresh()
    yield client
    client.session.lost()
    world.store.close()


def test_every_command_is_looked_at():
    """A new command must say whether it takes a name, and then be tried here."""
    assert {name.split()[0] for name in NAMING} | NAMELESS == {name.decode() for name in commands.load().commands}


@pytest.mark.parametrize("where", HIDDEN)
@pytest.mark.parametrize("command", NAMING)
def test_hidden_is_nonexistent(client, command, where):
    """The replies differ in nothing but the name."""
    answers = [said(client, NAMING[command], name) for name in HIDDEN[where]]
    assert answers[0] == answers[1]
    assert answers[0][-1].startswith(
        ("NO", "OK LIST", "OK LSUB", "OK XLIST", "OK SUBSCRIBE", "OK NOTIFY", "OK UNSUBSCRIBE")
    )


def said(client, command, name):
    client.fresh()
    client.command(command.format(name).encode() + b"\r\n")
    client.collect()
    answers = [answer.replace(name, "NAME") for answer in client.answers]
    client.command(b"SELECT INBOX\r\n")
    client.collect()
    return answers
