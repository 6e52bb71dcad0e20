"""Moving house: out of Debian's Dovecot into the running suite, and out again, by the command line."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from imapclient import IMAPClient

from odtest.daemon import Daemon, until
from odtest.dovecot import PASSWORD, Dovecot, running

ARJUN = "arjun.majhi@odisha.example"
SUNITA = "sunita.hembram@odisha.example"
DATE = 1_700_000_000


@pytest.fixture(scope="module", params=["", "INBOX."], ids=["without prefix", "below INBOX"])
def old(request: pytest.FixtureRequest) -> Iterator[Dovecot]:
    """The server people come from, in both of the usual layouts."""
    with running(request.param) as server:
        yield server


def octets(number: int) -> bytes:
    head = f"From: old@odisha.example\r\nSubject: Old letter {number}\r\nMessage-ID: <{number}@old.example>\r\n"
    return head.encode() + b"\r\nNamaskar.\r\n" * (1 + number % 7)


def fill(old: Dovecot, login: str, prefix: str) -> dict[str, list[tuple[bytes, tuple[bytes, ...], int]]]:
    """A mailbox as people have them; what lies in each folder, by our name for it."""
    client = old.client(login)
    there: dict[str, list[tuple[bytes, tuple[bytes, ...], int]]] = {}
    for name, ours, count in (
        ("INBOX", "INBOX", 130),
        ("Verschickt", "Sent", 5),
        ("ଖୋର୍ଦ୍ଧା", "ଖୋର୍ଦ୍ଧା", 3),
        ("ଖୋର୍ଦ୍ଧା.ଚିଠି", "ଖୋର୍ଦ୍ଧା/ଚିଠି", 2),
        ("Empty", "Empty", 0),
    ):
        full = name if name == "INBOX" else prefix + name
        if not client.folder_exists(full):
            client.create_folder(full)
        there[ours] = []
        for number in range(count):
            flags = (b"\\Seen",) if number % 2 else (b"\\Flagged", b"$Work")
            whole = octets(number) if number % 50 != 49 else b"no header \xff\xfe at all\r\n"
            client.append(full, whole, flags, _instant(DATE + number))
            there[ours].append((whole, flags, DATE + number))
    client.logout()
    return there


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def ours(house: Daemon, login: str, name: str) -> list[tuple[bytes, tuple[bytes, ...], int]]:
    """What a mail program sees now."""
    with IMAPClient("localhost", house.ports["imaps"], ssl_context=house.tls()) as client:
        client.normalise_times = False
        client.login(login, house.people[login].password)
        client.select_folder(name, readonly=True)
        found = client.fetch(client.search(), ["BODY.PEEK[]", "FLAGS", "INTERNALDATE"])
    return [
        (
            data[b"BODY[]"],
            tuple(sorted(flag for flag in data[b"FLAGS"] if flag != b"\\Recent")),
            int(data[b"INTERNALDATE"].timestamp()),
        )
        for _, data in sorted(found.items())
    ]


def prefix_of(old: Dovecot) -> str:
    client = old.client("probe")
    prefix = str(client.namespace().personal[0][0])
    client.logout()
    return prefix


def test_an_account_moves_in_and_only_what_is_new_comes_the_next_time(house: Daemon, old: Dovecot, tmp_path: Path):
    """Octets, flags, keywords, dates, folders in Odia, the folder for sent mail by its special use."""
    login = f"arjun{len(prefix_of(old))}"
    there = fill(old, login, prefix_of(old))
    password = tmp_path / "password"
    password.write_text(PASSWORD + "\n")
    into = f"Old {login}"
    argv = ["import", "imap", ARJUN, "localhost", "--port", str(old.port), "--login", login]
    argv += ["--ca", str(old.authority), "--password-file", str(password)]
    assert "Verschickt" in house.odmail(*argv, "--dry-run", "--into", into)
    house.odmail(*argv, "--into", into)
    for name, content in there.items():
        name = "Verschickt" if name == "Sent" else name
        wanted = [(whole, tuple(sorted(flags)), at) for whole, flags, at in content]
        assert ours(house, ARJUN, f"{into}/{name}") == wanted
    before = len(ours(house, ARJUN, "Sent"))
    house.odmail(*argv)
    assert len(ours(house, ARJUN, "Sent")) == before + 5
    client = old.client(login)
    client.append("INBOX", octets(999))
    client.logout()
    again = house.odmail(*argv, "--into", into)
    assert [line.split("│")[4].strip() for line in again.splitlines() if "│ INBOX " in line] == ["1"]
    assert len(ours(house, ARJUN, f"{into}/INBOX")) == 131


def test_a_wrong_password_and_a_foreign_certificate_are_told(house: Daemon, old: Dovecot):
    argv = [sys.executable, "-m", "odsuite.cli.main", "--config", str(house.config), "import", "imap", ARJUN]
    argv += ["localhost", "--port", str(old.port), "--login", "x"]
    for more, told in ((["--ca", str(old.authority)], "does not let x in"), ([], "the certificate is not good")):
        done = subprocess.run([*argv, *more], input="wrong\n", capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 1
        assert told in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("kind", ["mbox", "maildir"])
def test_out_by_export_and_in_by_import_killed_on_the_way(house: Daemon, tmp_path: Path, kind: str):
    """kill -9 in the middle; the next run completes it, and nothing is there twice."""
    source = tmp_path / "source" / "cur"
    source.mkdir(parents=True)
    for number in range(400):
        path = source / f"{DATE + number}.{number}.old:2,{'S' if number % 2 else ''}"
        path.write_bytes(octets(number) + b"x" * 2000 + b"\r\n")
        os.utime(path, (DATE + number, DATE + number))
    into = f"Killed {kind}"
    argv = ["import", "maildir", SUNITA, str(source.parent), "--into", into]
    begun = subprocess.Popen(
        [sys.executable, "-m", "odsuite.cli.main", "--config", str(house.config), *argv, "--rate", "100000"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until(lambda: _there(house, f"{into}/INBOX") >= 100, "the first hundred are there")
    begun.send_signal(signal.SIGKILL)
    begun.wait()
    assert 100 <= _there(house, f"{into}/INBOX") < 400
    house.odmail(*argv)
    whole = ours(house, SUNITA, f"{into}/INBOX")
    assert len(whole) == 400
    out = tmp_path / "out"
    house.odmail("export", kind, SUNITA, str(out))
    house.odmail("import", kind, ARJUN, str(out), "--into", f"From Sunita by {kind}")
    assert ours(house, ARJUN, f"From Sunita by {kind}/{into}/INBOX") == whole


def _there(house: Daemon, name: str) -> int:
    time.sleep(0.1)
    client = house.imap(SUNITA)
    status, data = client.status(f'"{name}"', "(MESSAGES)")
    client.logout()
    return int(data[0].rsplit(b" ", 1)[1].rstrip(b")")) if status == "OK" else 0
