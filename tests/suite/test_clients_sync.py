"""Programs nobody here wrote that keep two places the same, or wait for news: mbsync, offlineimap, fetchmail."""

import asyncio
import os
import re
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from aioimaplib import IMAP4_SSL
from imapclient import IMAPClient

from odtest import coroutines
from odtest.clients import run, secret
from odtest.daemon import PATIENCE, Daemon, running
from odtest.wire import Wire

BIBHUTI = "bibhuti.das@odisha.example"
LIPIKA = "lipika.sahoo@odisha.example"
PRAKASH = "prakash.behera@odisha.example"
RAMESH = "ramesh.pradhan@odisha.example"
SUJATA = "sujata.panda@odisha.example"

MANY = 5000

_ID = re.compile(rb"Message-ID: <([0-9]+)@many\.example>")
_SEEN, _FLAGGED = "S", "F"


def letter(number: int) -> bytes:
    return (
        f"From: Bibhuti Das <{BIBHUTI}>\r\nTo: {LIPIKA}\r\nSubject: Letter {number}\r\n"
        f"Message-ID: <{number}@many.example>\r\nDate: Tue, 10 Mar 2026 10:00:00 +0530\r\n\r\nNumber {number}.\r\n"
    ).encode()


@pytest.fixture(scope="module")
def office() -> Iterator[Daemon]:
    """A suite of its own: what lies in its mailboxes is known to the letter."""
    with running() as made:
        yield made


def fill(house: Daemon, login: str, mailbox: str, numbers: range) -> None:
    """A hundred letters a command."""
    with Wire(house, "imaps") as client:
        client.sign_in(login)
        for start in range(numbers.start, numbers.stop, 100):
            part = numbers[start - numbers.start : start - numbers.start + 100]
            client.send(f"a APPEND {mailbox}".encode())
            client.send(*(b" {%d+}\r\n%b" % (len(octets), octets) for octets in map(letter, part)), b"\r\n")
            assert client.answers()[-1].startswith(b"a OK"), "appended"


def near(folder: Path) -> dict[int, tuple[Path, str]]:
    """Each letter of a Maildir: its file, and whether it is seen and flagged."""
    found = {}
    for path in [*folder.glob("cur/*"), *folder.glob("new/*")]:
        flags = path.name.partition(":2,")[2]
        number = _ID.search(path.read_bytes())
        assert number is not None
        assert int(number[1]) not in found, "no letter is there twice"
        found[int(number[1])] = path, "".join(sorted(set(flags) & {_SEEN, _FLAGGED}))
    return found


def far(client: Wire) -> dict[int, tuple[bytes, str]]:
    """Each letter of the selected mailbox: its uid, and whether it is seen and flagged."""
    client.ask(b"NOOP")
    found = {}
    for one in client.ask(b"UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")[:-1]:
        uid, flags, number = re.search(rb"UID ([0-9]+)", one), re.search(rb"FLAGS \(([^)]*)\)", one), _ID.search(one)
        assert None not in (uid, flags, number), one
        assert int(number[1]) not in found, "no letter is there twice"
        said = (_FLAGGED if b"\\Flagged" in flags[1] else "") + (_SEEN if b"\\Seen" in flags[1] else "")
        found[int(number[1])] = uid[1], said
    return found


def change(client: Wire, command: bytes) -> None:
    """It must work."""
    assert client.ask(command)[-1].startswith(b"a OK")


def entered(house: Daemon, login: str) -> Wire:
    """In INBOX."""
    client = Wire(house, "imaps")
    client.sign_in(login)
    change(client, b"SELECT INBOX")
    return client


def same(folder: Path, client: Wire) -> set[int]:
    """The letters, which must be the same with the same flags on both sides."""
    here = {number: flags for number, (_, flags) in near(folder).items()}
    assert here == {number: flags for number, (_, flags) in far(client).items()}
    return set(here)


def test_mbsync_keeps_five_thousand_letters_the_same_with_changes_on_both_sides(office: Daemon, tmp_path: Path):
    fill(office, LIPIKA, "INBOX", range(MANY))
    secret(tmp_path / "password", office.people[LIPIKA].password)
    secret(
        tmp_path / "mbsyncrc",
        f"""\
        FSync no

        IMAPAccount office
        Host localhost
        Port {office.ports["imaps"]}
        User {LIPIKA}
        PassCmd "cat {tmp_path}/password"
        SSLType IMAPS
        CertificateFile {office.authority}

        IMAPStore far
        Account office

        MaildirStore near
        Path {tmp_path}/mail/
        Inbox {tmp_path}/mail/INBOX

        Channel all
        Far :far:
        Near :near:
        Patterns INBOX
        Create Both
        Expunge Both
        SyncState *
        """,
    )
    (tmp_path / "mail").mkdir()
    sync = ("mbsync", "-q", "-c", str(tmp_path / "mbsyncrc"), "-a")
    box = tmp_path / "mail" / "INBOX"
    run(*sync, home=tmp_path)
    with entered(office, LIPIKA) as client:
        assert same(box, client) == set(range(MANY))
        here, there = near(box), far(client)
        for number in range(100):
            here[number][0].unlink()
        for number in range(200, 300):
            path = here[number][0]
            path.rename(box / "cur" / (path.name.partition(":2,")[0] + ":2,FS"))
        for number in range(MANY, MANY + 50):
            (box / "new" / f"{number}.here").write_bytes(letter(number).replace(b"\r\n", b"\n"))
        gone, read = (b",".join(there[number][0] for number in part) for part in (range(1000, 1100), range(1200, 1300)))
        change(client, b"UID STORE " + gone + b" +FLAGS.SILENT (\\Deleted)")
        change(client, b"EXPUNGE")
        change(client, b"UID STORE " + read + b" +FLAGS (\\Seen)")
        fill(office, LIPIKA, "INBOX", range(MANY + 50, MANY + 100))
        run(*sync, home=tmp_path)
        left = set(range(MANY + 100)) - set(range(100)) - set(range(1000, 1100))
        assert same(box, client) == left
        here, there = near(box), far(client)
        assert {there[number][1] for number in range(200, 300)} == {"FS"}
        assert {here[number][1] for number in range(1200, 1300)} == {"S"}
        before = client.ask(b"STATUS INBOX (UIDNEXT HIGHESTMODSEQ)")
        run(*sync, home=tmp_path)
        assert client.ask(b"STATUS INBOX (UIDNEXT HIGHESTMODSEQ)") == before, "nothing was left to do"


def test_offlineimap_keeps_folders_the_same_in_both_directions(office: Daemon, tmp_path: Path):
    with entered(office, PRAKASH) as client:
        change(client, 'CREATE "ପ୍ରତିବେଦନ"'.encode())
        fill(office, PRAKASH, "INBOX", range(200))
        secret(
            tmp_path / "offlineimaprc",
            f"""\
            [general]
            accounts = office
            ui = quiet
            metadata = {tmp_path}/state
            [Account office]
            localrepository = near
            remoterepository = far
            [Repository near]
            type = Maildir
            localfolders = {tmp_path}/mail
            [Repository far]
            type = IMAP
            remotehost = localhost
            remoteport = {office.ports["imaps"]}
            remoteuser = {PRAKASH}
            remotepass = {office.people[PRAKASH].password}
            ssl = yes
            sslcacertfile = {office.authority}
            folderfilter = lambda name: not name.startswith("Posts")
            """,
        )
        sync = ("offlineimap", "-o", "-c", str(tmp_path / "offlineimaprc"))
        run(*sync, home=tmp_path)
        box = tmp_path / "mail" / "INBOX"
        assert same(box, client) == set(range(200))
        assert len(list((tmp_path / "mail").iterdir())) >= 8, "every folder came, the Odia one among them"
        near(box)[3][0].unlink()
        (box / "new" / "900.here").write_bytes(letter(900).replace(b"\r\n", b"\n"))
        change(client, b"UID STORE " + far(client)[5][0] + b" +FLAGS (\\Deleted)")
        change(client, b"EXPUNGE")
        change(client, b"UID STORE " + far(client)[7][0] + b" +FLAGS (\\Flagged)")
        run(*sync, home=tmp_path)
        assert same(box, client) == (set(range(200)) - {3, 5}) | {900}
        assert near(box)[7][1] == "F"


def test_fetchmail_fetches_by_pop3_and_leaves_or_takes(office: Daemon, tmp_path: Path):
    for service, options in (("pop3s", "ssl"), ("pop3", "sslproto TLS1.2+")):
        fill(office, RAMESH, "INBOX", range(20))
        rc = secret(
            tmp_path / f"fetchmailrc-{service}",
            f"""\
            poll localhost service {office.ports[service]} protocol POP3 uidl
              user "{RAMESH}" password "{office.people[RAMESH].password}" {options}
              sslcertck sslcertfile "{office.authority}" sslcommonname localhost
              mda "/usr/bin/tee -a {tmp_path}/{service}.mail"
            """,
        )
        fetch = ("fetchmail", "--silent", "--fetchmailrc", str(rc), "--pidfile", str(tmp_path / "pid"))
        run(*fetch, "--keep", home=tmp_path)
        fetched = (tmp_path / f"{service}.mail").read_bytes()
        assert {int(number) for number in _ID.findall(fetched)} == set(range(20))
        run(*fetch, "--keep", home=tmp_path, codes=(0, 1))  # 1: nothing new
        assert (tmp_path / f"{service}.mail").read_bytes() == fetched
        run(*fetch, "--fetchall", home=tmp_path)
        client = office.imap(RAMESH)
        assert client.select("INBOX")[1] == [b"0"]
        client.logout()


def test_aioimaplib_hears_of_new_mail_while_it_idles(office: Daemon):
    async def listen() -> list[bytes]:
        context = ssl.create_default_context(cafile=office.authority)
        client = IMAP4_SSL("localhost", office.ports["imaps"], timeout=PATIENCE, ssl_context=context)
        await client.wait_hello_from_server()
        assert (await client.login(SUJATA, office.people[SUJATA].password)).result == "OK"
        await client.select("INBOX")
        idle = await client.idle_start(timeout=PATIENCE)
        await asyncio.to_thread(office.send, BIBHUTI, SUJATA, subject=os.urandom(4).hex())
        heard = await asyncio.wait_for(client.wait_server_push(), PATIENCE)
        client.idle_done()
        await asyncio.wait_for(idle, PATIENCE)
        await client.logout()
        return heard

    assert b"1 EXISTS" in coroutines.run(listen())


def test_imapclient_uses_what_is_announced(office: Daemon):
    """Through its own methods: capabilities, SORT, THREAD, quota, MOVE, modseqs, special folders, partial bodies."""
    fill(office, SUJATA, "Archive", range(30))
    with IMAPClient("localhost", office.ports["imaps"], ssl_context=office.tls()) as client:
        client.login(SUJATA, office.people[SUJATA].password)
        assert client.find_special_folder(b"\\Sent") == "Sent"
        client.enable("CONDSTORE")
        client.select_folder("Archive")
        assert client.sort(["REVERSE SUBJECT"])[:3] == [10, 9, 8], "Letter 9, 8, 7"
        assert len(client.thread("REFERENCES")) == 30
        modseq = client.folder_status("Archive", ["HIGHESTMODSEQ"])[b"HIGHESTMODSEQ"]
        client.add_flags([4], ["\\Flagged"])
        assert client.search(["MODSEQ", str(modseq + 1)]) == [4]
        client.move([4, 5], "Trash")
        client.copy([6], "Drafts")
        assert client.folder_status("Trash", ["MESSAGES"])[b"MESSAGES"] == 2
        assert client.fetch([6], ["BODY.PEEK[TEXT]<0.6>"])[6][b"BODY[TEXT]<0>"] == b"Number"
        assert client.search(["TEXT", "Number 29"]) == [30]
        assert client.get_quota_root("Archive")[0].quota_roots == [""]
