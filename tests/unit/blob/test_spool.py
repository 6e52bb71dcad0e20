"""odcore.blob.spool: blocks and pieces lie in the file in their order, whatever the file system lets us do."""

import errno
import mmap
import os

import pytest

from odcore.blob import spool
from odcore.blob.digest import digest_of
from odcore.blob.spool import PAGE, Spool

OCTETS = os.urandom(40 * PAGE)


@pytest.fixture
def file(tmp_path):
    made = Spool(tmp_path / "file")
    yield made
    made.discard()


def fill(file, sizes):
    """An even number of pages is a block, all else a piece."""
    memory, done = memoryview(mmap.mmap(-1, len(OCTETS))), 0
    memory[:] = OCTETS
    for size in sizes:
        part = OCTETS[done : done + size]
        if size % PAGE:
            file.write(part)
        else:
            memory[:size] = part
            file.write_block(memory[:size])
        done += size
    return OCTETS[:done]


@pytest.mark.parametrize("sizes", [(PAGE, 2 * PAGE, 100), (100, PAGE, PAGE), (PAGE, 5, PAGE, PAGE - 5, 4 * PAGE), ()])
def test_blocks_and_pieces_follow_each_other(file, sizes, monkeypatch):
    monkeypatch.setattr(spool, "_WRITTEN_AHEAD", 2 * PAGE)
    whole = fill(file, sizes)
    file.flush()
    assert file.path.read_bytes() == whole
    assert file.finish() == digest_of(whole)
    assert (file.path.read_bytes(), file.size) == (whole, len(whole))


@pytest.mark.parametrize("number", [errno.EINVAL, errno.EOPNOTSUPP])
def test_where_the_cache_cannot_be_passed_it_is_used(file, monkeypatch, number):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "pwrite", refuse)
    whole = fill(file, (PAGE, PAGE, 9))
    assert file.finish() == digest_of(whole)
    assert file.path.read_bytes() == whole


def test_what_the_disk_took_in_part_is_written_in_full(file, monkeypatch):
    genuine = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda descriptor, block, at: genuine(descriptor, block[: len(block) // 2], at))
    whole = fill(file, (2 * PAGE, PAGE, 9))
    assert file.finish() == digest_of(whole)
    assert file.path.read_bytes() == whole
