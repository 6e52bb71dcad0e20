"""odcore.blob: octets come in, get a name, are linked, read, verified and swept."""

import errno
import os
import stat
from hashlib import blake2b

import pytest

from odcore.blob.digest import digest_of, names
from odcore.blob.incoming import IN_MEMORY
from odcore.blob.store import Blobs
from odcore.errors import Fault, Kind

LARGE = os.urandom(IN_MEMORY * 3 + 17)


@pytest.fixture
def blobs(tmp_path):
    return Blobs(tmp_path / "account")


def spooled(blobs, octets, piece=5000):
    incoming = blobs.incoming()
    for at in range(0, len(octets), piece):
        incoming.write(octets[at : at + piece])
    return incoming, incoming.finish()


@pytest.mark.parametrize("size", [0, 1, IN_MEMORY, IN_MEMORY + 1, len(LARGE)])
@pytest.mark.parametrize("piece", [1000, 1 << 20])
def test_any_pieces_give_the_same_source(blobs, size, piece):
    incoming, source = spooled(blobs, LARGE[:size], piece)
    assert source.size == size
    assert bytes(source.view()) == source.open().read() == source.read() == LARGE[:size]
    assert source.read(3, 5) == LARGE[:size][3:8]
    assert (source.path is None) == (source.digest is None) == (size <= IN_MEMORY)
    if source.digest:
        assert source.digest == digest_of(LARGE[:size])
    incoming.discard()
    incoming.discard()
    assert not list(blobs.root.glob("tmp/*"))


def test_a_linked_blob_outlives_its_spool_file_and_is_private(blobs):
    incoming, source = spooled(blobs, LARGE)
    for _ in range(2):
        blobs.link_from(source.path, source.digest)
    incoming.discard()
    assert blobs.read(source.digest) == LARGE
    assert blobs.read(source.digest, 10, 20) == LARGE[10:30]
    assert stat.S_IMODE(blobs.path(source.digest).stat().st_mode) == 0o600
    assert list(blobs.names()) == [source.digest]


def test_where_links_do_not_work_the_octets_are_copied(blobs, monkeypatch):
    def refuse(*_):
        raise OSError(18, "Invalid cross-device link")

    _, source = spooled(blobs, LARGE)
    monkeypatch.setattr(os, "link", refuse)
    blobs.link_from(source.path, source.digest)
    assert blobs.verify(source.digest)
    assert blobs.path(source.digest).stat().st_nlink == 1


def test_a_blob_is_put_once_and_found_by_its_digest(blobs):
    first, second = blobs.put(LARGE), blobs.put(memoryview(LARGE))
    assert first == second == digest_of(LARGE)
    assert blobs.holds(first)
    blobs.delete(first)
    blobs.delete(first)
    assert not blobs.holds(first)
    with pytest.raises(FileNotFoundError):
        blobs.read(first)


def test_verify_finds_damage(blobs):
    digest = blobs.put(LARGE)
    assert blobs.verify(digest)
    with open(blobs.path(digest), "r+b") as file:
        file.write(b"damage")
    assert not blobs.verify(digest)
    assert not blobs.verify("0" * 64)


def test_the_sweep_takes_what_is_old_and_has_no_row(blobs):
    kept, orphan = blobs.put(LARGE), blobs.put(LARGE[1:])
    spooled(blobs, LARGE)
    assert blobs.sweep(lambda digest: digest == kept) == 0
    assert blobs.sweep(lambda digest: digest == kept, age=-10) == 2
    assert blobs.holds(kept)
    assert not blobs.holds(orphan)
    assert not list(blobs.root.glob("tmp/*"))


def failing(number):
    def fail(*_):
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, Kind.NO_SPACE),
        (errno.EDQUOT, Kind.NO_SPACE),
        (errno.EIO, Kind.TRY_LATER),
        (errno.EROFS, Kind.TRY_LATER),
    ],
)
@pytest.mark.parametrize("call", ["fsync", "link", "replace"])
def test_a_disk_that_refuses_is_a_fault_and_nothing_stays(blobs, monkeypatch, number, kind, call):
    """Whichever call it refuses, on whichever way in."""
    refused = {call, "replace"} if call == "link" else {call}  # where linking fails, copying fails just so

    def store():
        incoming, source = spooled(blobs, LARGE)
        try:
            blobs.link_from(source.path, source.digest)
        finally:
            incoming.discard()

    with monkeypatch.context() as patched:
        for name in refused:
            patched.setattr(os, name, failing(number))
        with pytest.raises(Fault) as caught:
            store() if call == "link" else blobs.put(LARGE)
    assert caught.value.kind is kind
    assert not list(blobs.root.glob("tmp/*"))
    assert not list(blobs.names())


def test_octets_that_did_not_fit_are_not_tried_again(blobs, monkeypatch):
    """P5: what still lies in a buffer is forgotten, and no later piece makes the message look whole."""
    incoming = blobs.incoming()
    incoming.write(LARGE)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", failing(errno.ENOSPC))
        with pytest.raises(Fault):
            incoming.finish()
    for again in (lambda: incoming.write(LARGE), incoming.finish):
        with pytest.raises(Fault):
            again()
    incoming.discard()
    assert not list(blobs.root.glob("tmp/*"))


def test_what_a_full_device_leaves_in_the_buffer_is_forgotten(blobs, monkeypatch):
    """Closing the file tries to write once more, and fails once more."""
    genuine = os.open

    def open_full(path, flags, *mode):
        return genuine("/dev/full" if flags & os.O_EXCL else path, flags & ~(os.O_EXCL | os.O_CREAT), *mode)

    monkeypatch.setattr(os, "open", open_full)
    incoming = blobs.incoming()
    with pytest.raises(Fault) as caught:
        incoming.write(LARGE)
    assert caught.value.kind is Kind.NO_SPACE
    incoming.discard()


@pytest.mark.parametrize("size", [9, len(LARGE)])
def test_a_name_from_before_blake3_is_one(blobs, size):
    octets = LARGE[:size]
    former, path = blake2b(octets, digest_size=32).hexdigest(), blobs.root / "octets"
    path.parent.mkdir()
    path.write_bytes(octets)
    blobs.link_from(str(path), former)
    assert blobs.verify(former)
    assert names(former, octets)
    assert names(digest_of(octets), memoryview(octets))
    assert not names(former, octets + b"x")
