"""odcore.blob.behind: another thread writes, and the caller sees the same as if it had written itself."""

import errno
import io
import os
import threading

import pytest

from odcore.blob.behind import Behind
from odcore.blob.digest import digest_of
from odcore.blob.store import Blobs
from odcore.errors import Fault, Kind

BLOCK = 1 << 20
OCTETS = os.urandom(3 * BLOCK + 7)


@pytest.fixture
def incoming(tmp_path):
    made = Blobs(tmp_path).incoming()
    yield made
    made.discard()


def take(behind, octets):
    source = io.BytesIO(octets)
    while behind.take(source):
        pass


@pytest.mark.parametrize("size", [0, 100, BLOCK - 1, BLOCK, 3 * BLOCK, 3 * BLOCK + 7])
def test_all_is_there_in_order_when_the_block_ends(incoming, size):
    with Behind(incoming) as behind:
        take(behind, OCTETS[:size])
    source = incoming.finish()
    assert source.size == size
    assert source.read() == OCTETS[:size]
    assert source.digest in (None, digest_of(OCTETS[:size]))


class Watched:
    """Notes which thread writes how much; a block waits until it may."""

    def __init__(self, incoming):
        self.seen, self.begun, self.go = [], threading.Event(), threading.Event()
        self._incoming = incoming

    def write(self, octets):
        self.seen.append((threading.current_thread(), len(octets)))
        self._incoming.write(octets)

    def write_block(self, block):
        self.begun.set()
        assert self.go.wait(20)
        self.seen.append((threading.current_thread(), len(block)))
        self._incoming.write_block(block)


def test_another_thread_writes_what_is_large_while_more_is_taken(incoming):
    watched = Watched(incoming)
    with Behind(watched) as behind:
        take(behind, OCTETS[: BLOCK + 5])
        watched.go.set()
    (first, large), (second, small) = watched.seen
    assert (large, small) == (BLOCK, 5)
    assert first is not second is threading.current_thread()
    assert incoming.finish().read() == OCTETS[: BLOCK + 5]


@pytest.mark.parametrize("size", [BLOCK, 2 * BLOCK, 3 * BLOCK])
def test_a_disk_that_failed_behind_our_back_is_told(incoming, monkeypatch, size):
    """When the next block is full, or where there is none, by the end."""

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)

    def work():
        with Behind(incoming) as behind:
            take(behind, OCTETS[:size])

    with pytest.raises(Fault) as caught:
        work()
    assert caught.value.kind is Kind.NO_SPACE


def test_an_upload_that_is_cut_leaves_nobody_writing(incoming):
    """What ended it is told, and the last block has been written when the upload is over."""
    watched = Watched(incoming)

    def cut():
        with Behind(watched) as behind:
            take(behind, OCTETS[: BLOCK + 5])
            assert watched.begun.wait(20)
            watched.go.set()
            raise Fault(Kind.BAD_REQUEST, "cut")

    with pytest.raises(Fault, match="cut"):
        cut()
    assert incoming.size == BLOCK
