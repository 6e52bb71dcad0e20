"""Compression: any split of the wire gives the same octets; little input never becomes much memory; held means held."""

import zlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmail.imap.deflate import STEP, Deflate


def packed(data: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-15)
    return deflater.compress(data) + deflater.flush(zlib.Z_SYNC_FLUSH)


@given(st.lists(st.binary(max_size=200), max_size=5), st.lists(st.integers(0, 400), max_size=6))
def test_any_split(lines: list[bytes], cuts: list[int]) -> None:
    """What comes out is what the client said, however the network cut it."""
    said: list[bytes] = []
    deflate = Deflate(said.append)
    wire = packed(b"".join(lines))
    ends = sorted({min(cut, len(wire)) for cut in cuts} | {0, len(wire)})
    for first, end in pairwise(ends):
        deflate.received(wire[first:end])
    assert b"".join(said) == b"".join(lines)


@given(st.lists(st.binary(max_size=200), max_size=5))
def test_every_write_is_flushed(lines: list[bytes]) -> None:
    """The client can read each write at once."""
    deflate, inflater = Deflate(lambda _: None), zlib.decompressobj(-15)
    for line in lines:
        assert inflater.decompress(deflate.pack(line)) == line


def test_a_bomb_waits_until_it_is_wanted() -> None:
    """A session that says stop gets no more than the piece it was just given, and all the rest when it goes on."""
    got: list[int] = []

    def take(piece: bytes) -> None:
        got.append(len(piece))
        deflate.hold()

    deflate = Deflate(take)
    deflate.received(packed(bytes(10 << 20)))
    assert got == [STEP]
    while len(got) < (10 << 20) // STEP:
        before = len(got)
        deflate.go()
        assert len(got) == before + 1
    deflate.go()
    assert sum(got) == 10 << 20


@pytest.mark.parametrize("wire", [b"a NOOP\r\n", zlib.compress(b"x")[2:-4]])
def test_what_is_no_stream(wire: bytes) -> None:
    """Plain text, and a stream that ends."""
    with pytest.raises(zlib.error):
        Deflate(lambda _: None).received(wire)
