"""kill -9 in the middle of work: what was acknowledged is there, once, and the invariants hold.  P2, P9-P12"""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from odmail.mailbox.api import CreateMailbox
from odmail.mailbox.model import Need
from odtest.store import bodies, put, rows, shelf

ROOT = Path(__file__).parents[2]

WRITER = """
import sys, threading
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from odtest.store import ALICE, Shelf, letter, new, rows
from odmail.mailbox.api import Append, Expunge, StoreFlags, Transfer
from odmail.mailbox.model import Flag
account = Shelf(Path(sys.argv[2])).open(ALICE)
lock = threading.Lock()
def tell(*words):
    with lock:
        sys.stdout.write(" ".join(map(str, words)) + "\\n")
        sys.stdout.flush()
def work(name):
    for number in range(10_000):
        mark = f"{sys.argv[3]}-{name}-{number}"
        size = 70_000 if number % 10 == 0 else 2_000
        uid = account.append(Append("INBOX", [new(letter(mark, "z" * size))])).uids[0]
        tell("appended", mark)
        if number % 3 == 0:
            done = account.move(Transfer(1, [(uid, uid)], "Archive"))
            tell("moved", mark)
        if number % 5 == 0:
            account.store(StoreFlags(1, [(uid, uid)], "add", Flag.FLAGGED))
        if number % 20 == 0:
            account.index_pending()
            account.purge()
threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
for thread in threads: thread.start()
"""


def write_and_kill(folder: Path, run: str, lines: int, writers: int = 1) -> list[list[str]]:
    """Start writers, kill them once the first has said so many lines; all that was acknowledged."""
    command = [sys.executable, "-c", WRITER, str(ROOT), str(folder)]
    processes = [
        subprocess.Popen([*command, f"{run}{number}"], stdout=subprocess.PIPE, text=True) for number in range(writers)
    ]
    told = [processes[0].stdout.readline() for _ in range(lines)]
    for process in processes:
        process.send_signal(signal.SIGKILL)
    for process in processes:
        told += process.stdout.readlines()
        process.wait()
        process.stdout.close()
    acts = [line.split() for line in told if line.endswith("\n")]
    return [words for words in acts if words[0] in ("appended", "moved")]


def subjects(account, mailbox):
    return [row.envelope.split(b'"')[3].decode() for row in rows(account, mailbox, Need.ENVELOPE)]


@pytest.mark.parametrize("writers", [1, 2])
def test_acknowledged_work_survives_kill(tmp_path, writers):
    acknowledged = []
    for run in range(3):
        acknowledged += write_and_kill(tmp_path, f"run{run}", 15 + 20 * run, writers)
        with shelf(tmp_path) as one:
            account = one.open()
            inbox, archive = subjects(account, "INBOX"), subjects(account, "Archive")
            assert len(set(inbox + archive)) == len(inbox + archive)
            for act, mark in acknowledged:
                assert mark in (archive if act == "moved" else inbox + archive)
            assert all(octets.endswith(b"z") for octets in bodies(account))


def test_two_stores_on_one_folder_see_each_others_work(tmp_path):
    with shelf(tmp_path) as one, shelf(tmp_path) as other:
        here, there = one.open(), other.open()
        here.create(CreateMailbox("made here"))
        put(there, to="made here")
        put(here, keywords=("first",))
        put(there, keywords=("second", "first"))
        put(here, keywords=("second",))
        assert here.keywords() == there.keywords() == ("first", "second")
        assert [row.keywords for row in rows(here)] == [row.keywords for row in rows(there)] == [1, 3, 2]
