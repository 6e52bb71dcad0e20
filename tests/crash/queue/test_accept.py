"""kill -9 while a process accepts: every id it told is in the queue afterwards, body and all (P1, P4, P7)."""

import subprocess
import sys
from pathlib import Path

import pytest

from odcore import clock
from odmail.queue.store import SqliteQueue

_ACCEPTING = """
import sys, threading
from pathlib import Path
from odcore.blob.incoming import Memory
from odmail.queue.api import Accept
from odmail.queue.model import Envelope, Origin, Recipient
from odmail.queue.store import SqliteQueue
queue = SqliteQueue(Path(sys.argv[1]), lambda message: None)
lock = threading.Lock()
def accept():
    for size in range(1000):
        body = b"Subject: x\\r\\n\\r\\n" + b"y" * (100_000 if size % 7 == 3 else 4000) + b"\\r\\n"
        incoming = queue.incoming()
        incoming.write(body)
        name = queue.accept(Accept(Envelope("a@b", (Recipient("u@x"),)), Origin("mx"), incoming.finish()))
        incoming.discard()
        with lock:
            print(name, len(body), flush=True)
for _ in range(4):
    threading.Thread(target=accept).start()
"""


@pytest.mark.parametrize("told", [1, 20, 77])
def test_every_acknowledged_message_survives(tmp_path: Path, told: int):
    process = subprocess.Popen([sys.executable, "-c", _ACCEPTING, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    lines = [process.stdout.readline() for _ in range(told)]
    process.kill()
    lines += process.stdout.read().splitlines()
    process.wait()
    whole = [line.split() for line in lines if line.count(" ") == 1]
    acknowledged = {name: int(size) for name, size in whole[: len(lines) - 1]}  # the last line may be cut
    queue = SqliteQueue(tmp_path, lambda message: None)
    queue.recover()
    leased = queue.lease(100_000, clock.timestamp() + 1)
    found = {each.message.id: len(each.body.read()) for each in leased}
    assert len(acknowledged) >= told - 1
    assert acknowledged.items() <= found.items()
    queue.close()
