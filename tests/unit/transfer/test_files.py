"""mbox and Maildir: out of files as other programs write them, and out and in again without a change."""

import os
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from odmail.mailbox.api import Append, CreateMailbox, Fetch, NewMessage
from odmail.mailbox.model import Need
from odmail.mailbox.store import Store
from odmail.message.parse import parse
from odmail.transfer import mbox
from odmail.transfer.exporting import Exporter
from odmail.transfer.importing import Import, Importer
from odmail.transfer.maildir_source import MaildirSource
from odmail.transfer.mbox_source import MboxSource
from odmail.transfer.model import Letter, Progress, Result
from odtest.house import BIBHU, SASMITA, letter

THUNDERBIRD = b"""From - Tue Nov 24 09:10:11 2026
X-Mozilla-Status: 0003
X-Mozilla-Status2: 00000000
X-Mozilla-Keys: $label1
From: a@odisha.example
Date: Tue, 24 Nov 2026 09:10:11 +0530
Subject: One

Text.
From there on nothing is quoted.

From b@odisha.example  Tue Nov 24 10:00:00 2026
Status: RO
X-Status: F
X-Keywords: $Work later
Subject: Two

>From the beginning.
>>From twice.

"""


class Silent(Progress):
    def folder(self, result: Result) -> None: ...

    def moved(self, messages: int, octets: int) -> None: ...


def letters(source: MboxSource | MaildirSource) -> dict[str, list[Letter]]:
    return {folder.name: list(source.letters(folder, frozenset())) for folder in source.folders()}


def test_what_other_programs_write_into_mbox(tmp_path: Path) -> None:
    """Thunderbird's and Pine's marks; what only looks like a separator is text."""
    (tmp_path / "Inbox").write_bytes(THUNDERBIRD)
    (tmp_path / "Inbox.msf").write_bytes(b"// <!-- an index -->")
    (tmp_path / "Inbox.sbd").mkdir()
    (tmp_path / "Inbox.sbd" / "ଚିଠି").write_bytes(THUNDERBIRD)
    (tmp_path / "Empty").write_bytes(b"")
    source = MboxSource(tmp_path)
    assert [(folder.name, folder.messages) for folder in source.folders()] == [
        ("Empty", 0),
        ("INBOX", 2),
        ("INBOX/ଚିଠି", 2),
    ]
    one, two = letters(source)["INBOX"]
    assert one.octets.endswith(b"\r\n\r\nText.\r\nFrom there on nothing is quoted.\r\n")
    assert b"Mozilla" not in one.octets
    assert (one.flags, one.keywords, one.received) == (1 | 2, ("$label1",), 1795491611)
    assert two.octets == b"Subject: Two\r\n\r\nFrom the beginning.\r\n>From twice.\r\n"
    assert (two.flags, two.keywords, two.received) == (1 | 4, ("$Work", "later"), 1795514400)


def test_a_key_stays_when_the_file_is_compacted(tmp_path: Path) -> None:
    """And equal messages have different ones."""
    path = tmp_path / "x"
    first = b"From a Tue Nov 24 10:00:00 2026\nSubject: 1\n\nx\n\n"
    path.write_bytes(first + THUNDERBIRD + THUNDERBIRD)
    [before] = letters(MboxSource(path)).values()
    path.write_bytes(THUNDERBIRD + THUNDERBIRD)
    [after] = letters(MboxSource(path)).values()
    assert [each.key for each in before[1:]] == [each.key for each in after]
    assert len({each.key for each in after}) == 4


_LINES = some.lists(some.sampled_from([b"", b"From x", b">From y 10:00", b"From z 10:00", b"text", b"\xe0\xac\x93"]))


@given(_LINES, some.integers(0, 31), some.integers(0, 2**31))
def test_mbox_gives_back_what_it_was_given(lines: list[bytes], flags: int, received: int) -> None:
    """Whatever stands in the text."""
    octets = b"Subject: x\r\n\r\n" + b"".join(line + b"\r\n" for line in lines)
    file = mbox.write(octets, flags, ("$a", "b"), received) * 2
    found = [mbox.letter(separator, message, "k") for separator, message in mbox.read(BytesIO(file))]
    assert found == [Letter("k", octets, flags, ("$a", "b"), received)] * 2


def test_maildir_of_other_programs(tmp_path: Path) -> None:
    """Maildir++ with modified UTF-7, folders in folders, keywords by letter, messages still in `new`."""
    for place in ("cur", "new", ".Sent.2025/cur", ".&CzEKPA-/cur", "Deep/er/cur"):
        (tmp_path / place).mkdir(parents=True)
    (tmp_path / "dovecot-keywords").write_text("0 $Forwarded\n1 $Work\n")
    (tmp_path / "cur" / "1700000002.a.host:2,FSb").write_bytes(letter(2).replace(b"\r\n", b"\n"))
    (tmp_path / "new" / "1700000001.a.host").write_bytes(letter(1))
    os.utime(tmp_path / "cur" / "1700000002.a.host:2,FSb", (1_700_000_002, 1_700_000_002))
    found = letters(MaildirSource(tmp_path))
    assert set(found) == {"INBOX", "Sent/2025", "଱਼", "Deep/er"}
    one, two = found["INBOX"]
    assert (one.octets, one.flags) == (letter(1), 0)
    assert two == Letter("1700000002.a.host", letter(2), 1 | 4, ("$Work",), 1_700_000_002)


BROKEN = [b"", b"\r\n", b"no header at all", b"Subject: x\r\n\r\n\0\xff\xfe\r\n", b"From x 10:00\r\n\r\nb\r\n"]


@pytest.mark.parametrize("kind", ["mbox", "maildir"])
def test_out_and_in_again_nothing_is_changed(tmp_path: Path, kind: str) -> None:
    """Broken messages, nested folders, Odia names and names that files must not have; a second export adds nothing."""
    store = Store(tmp_path / "accounts", lambda _: None)
    account, another = store.open(SASMITA.id), store.open(BIBHU.id)
    names = ["INBOX", "ଖୋର୍ଦ୍ଧା/ଚିଠି", "cur", ".hidden", "100%", "Sent"]
    for name in names:
        if name not in {box.name for box in account.mailboxes()}:
            account.create(CreateMailbox(name))
        whole = [letter(number) for number in range(30)]
        octets = whole + ([each for each in BROKEN if each.endswith(b"\r\n")] if kind == "mbox" else BROKEN)
        account.append(Append(name, [_new(account, each, number) for number, each in enumerate(octets)]))
    exporter = Exporter(account, tmp_path / "out", Silent())
    write = exporter.mbox if kind == "mbox" else exporter.maildir
    done = write()
    assert sum(each.done for each in done) == sum(box.exists for box in account.mailboxes())
    assert sum(each.done for each in write()) == 0
    source = (MboxSource if kind == "mbox" else MaildirSource)(tmp_path / "out")
    results = Importer(another, tmp_path / "imports", Silent()).run(source, Import())
    targets = {each.folder: each.target for each in results}
    assert sum(each.done for each in results) == sum(each.done for each in done)
    for name in names:
        there = {"cur": "%63ur", ".hidden": "%2Ehidden"}.get(name, name)
        assert _content(another, targets.get(there, there)) == _content(account, name)
    store.close()


def _new(account: object, octets: bytes, number: int) -> NewMessage:
    incoming = account.incoming()
    incoming.write(octets)
    source = incoming.finish()
    return NewMessage(
        source, parse(source.view()), number % 32, ("$Work",) if number % 3 else (), 1_700_000_000 + number
    )


def _content(account: object, name: str) -> list:
    box, words = account.mailbox(name), account.keywords()
    found = account.fetch(Fetch(box.id, [(1, box.uidnext)], Need.BODY | Need.DATES))
    return [
        (row.body.read(), row.flags, [word for at, word in enumerate(words) if row.keywords >> at & 1], row.received)
        for row in found
    ]
