"""FETCH of what is too large to hold: the same octets, in pieces."""

from array import array
from collections.abc import Iterator
from pathlib import Path

import pytest

from odmail.imap import fetching
from odmail.imap.commands.fetch import read_wanted
from odmail.imap.item import Octets
from odmail.imap.reader import Reader
from odtest.house import SASMITA, letter
from odtest.talk import Talk

LINES = (b"QUJD" * 19 + b"\r\n") * 40_000
LARGE = (
    b"Subject: large\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n" + LINES + b"\r\n--x--\r\n"
)


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    talk = Talk(tmp_path)
    talk.put(LARGE)
    talk.say(b"SELECT INBOX")
    yield talk
    talk.close()


def test_octets(talk: Talk) -> None:
    """Whole, in part and decoded, a message of 3 MiB is what was put there."""
    assert talk.literal(b"BODY.PEEK[]") == LARGE
    assert talk.literal(b"BODY.PEEK[1]") == LINES
    assert talk.literal(b"BINARY.PEEK[1]") == b"ABC" * 19 * 40_000
    assert talk.literal(b"BODY.PEEK[]<100.2000000>") == LARGE[100:2_000_100]


def test_lost_blob(talk: Talk, tmp_path: Path) -> None:
    """A body that cannot be read ends the connection: inside a literal nothing else can be said."""
    for blob in tmp_path.rglob("blobs/*/*"):
        blob.unlink()
    said = talk.say(b"FETCH 1 BODY.PEEK[]")
    assert b" OK FETCH" not in said
    assert talk.client.closed


@pytest.mark.parametrize(
    "items", [b"(BODY.PEEK[])", b"(BODY.PEEK[1] BODY.PEEK[] BODY.PEEK[TEXT])", b"(BODY.PEEK[HEADER])"]
)
def test_bound(talk: Talk, items: bytes) -> None:
    """However much is asked for, no more than a few MiB of it are held at a time."""
    for number in range(150):
        talk.put(letter(number) + b"x" * 60_000)
    talk.put(LARGE)
    account = talk.world.store.open(SASMITA.id)
    mailbox = account.mailbox("INBOX").id
    plan = fetching.Plan(tuple(read_wanted(Reader(items)).items), mailbox, "", 1)
    batch = fetching.Batch(account, plan, [(0, 152)], array("I", range(1, 153)))
    total = 0
    while not batch.done:
        pieces = batch.more(())
        assert sum(len(piece) for piece in pieces if not isinstance(piece, Octets)) < 3 * fetching.OCTETS
        total += sum(piece.size if isinstance(piece, Octets) else len(piece) for piece in pieces)
    assert batch.count == 152
    assert total > 20_000
