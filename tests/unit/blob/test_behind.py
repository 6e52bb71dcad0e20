"""odcore.blob.behind: another thread writes, and the caller sees the same as if it had written itself."""

import errno
import os
import threading

import pytest

from odcore.blob import incoming as spool
from odcore.blob.behind import Behind
from odcore.blob.digest import digest_of
from odcore.blob.store import Blobs
from odcore.errors import Fault, Kind

PIECE = os.urandom(1 << 18)


@pytest.fixture
def incoming(tmp_path):
    made = Blobs(tmp_path).incoming()
    yield made
    made.discard()


@pytest.mark.parametrize("sizes", [(1 << 18,) * 5 + (7,), (5, 1 << 18, 3, 1 << 17), (100,)])
def test_all_is_there_in_order_when_the_block_ends(incoming, sizes, monkeypatch):
    monkeypatch.setattr(spool, "_WRITTEN_AHEAD", 1 << 19)
    pieces = [PIECE[-size:] for size in sizes]
    with Behind(incoming) as behind:
        for piece in pieces:
            behind.write(piece)
    source = incoming.finish()
    assert source.read() == b"".join(pieces)
    assert source.digest in (None, digest_of(b"".join(pieces)))


def test_another_thread_writes_what_is_large(incoming):
    seen, write = [], incoming.write

    class Watched:
        def write(self, octets):
            seen.append((threading.current_thread(), len(octets)))
            write(octets)

    with Behind(Watched()) as behind:
        behind.write(PIECE)
        behind.write(b"rest")
    (first, _), (second, _) = seen
    assert first is not second is threading.current_thread()


@pytest.mark.parametrize("more", [0, 1])
def test_a_disk_that_failed_behind_our_back_is_told(incoming, monkeypatch, more):
    """By the next write, or where there is none, by the end."""

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fadvise", full)
    monkeypatch.setattr(spool, "_WRITTEN_AHEAD", 1)

    def work():
        with Behind(incoming) as behind:
            behind.write(PIECE)
            for _ in range(more):
                behind.write(PIECE)

    with pytest.raises(Fault) as caught:
        work()
    assert caught.value.kind is Kind.NO_SPACE


def test_an_upload_that_is_cut_leaves_nobody_writing(incoming):
    """What ended it is told, and the last piece has been written when the block is left."""
    begun, go = threading.Event(), threading.Event()

    class Slow:
        def write(self, octets):
            begun.set()
            assert go.wait(20)
            incoming.write(octets)

    def cut():
        with Behind(Slow()) as behind:
            behind.write(PIECE)
            assert begun.wait(20)
            go.set()
            raise Fault(Kind.BAD_REQUEST, "cut")

    with pytest.raises(Fault, match="cut"):
        cut()
    assert incoming.size == len(PIECE)
