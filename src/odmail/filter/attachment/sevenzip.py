"""Names in 7z archives. What is packed stays packed, only the directory is unpacked (7zFormat.txt of the LZMA SDK)."""

import lzma
import struct
from collections.abc import Iterator
from typing import Any

import msgspec

from odmail.filter.attachment.budget import Bomb, Budget, Damaged
from odmail.filter.attachment.entry import Entry

MAGIC = (b"7z\xbc\xaf\x27\x1c",)
_LARGEST_DIRECTORY = 4 << 20
_MOST = 200_000
# property ids
_END, _HEADER, _MAIN_STREAMS, _FILES, _PACK, _UNPACK, _SUBSTREAMS = 0, 1, 4, 5, 6, 7, 8
_SIZE, _DIGEST, _FOLDER, _UNPACK_SIZES, _HOW_MANY, _NAMES, _ENCODED = 9, 10, 11, 12, 13, 17, 23
# methods
_AES, _LZMA1, _LZMA2, _COPY = b"\x06\xf1\x07\x01", b"\x03\x01\x01", b"\x21", b"\x00"


class _Folder(msgspec.Struct):
    """What is packed together: by which methods, into how many octets."""

    coders: list[tuple[bytes, bytes]] = []  # method and properties
    outputs: int = 0
    sizes: list[int] = []
    has_digest: bool = False
    parts: int = 1


class _Streams(msgspec.Struct):
    """Where the packed streams lie, and their folders."""

    position: int = 0
    sizes: list[int] = []
    folders: list[_Folder] = []

    @property
    def encrypted(self) -> bool:
        return any(method == _AES for folder in self.folders for method, _ in folder.coders)


class _Reader:
    """Octets with a place in them. IndexError at the end."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self.at = 0

    def octet(self) -> int:
        self.at += 1
        return self.octets[self.at - 1]

    def take(self, count: int) -> bytes:
        if self.at + count > len(self.octets):
            raise IndexError("cut short")
        self.at += count
        return self.octets[self.at - count : self.at]

    def number(self) -> int:
        """The leading ones of the first octet tell how many octets follow."""
        first, value, mask = self.octet(), 0, 0x80
        for place in range(8):
            if not first & mask:
                return value | (first & (mask - 1)) << (8 * place)
            value |= self.octet() << (8 * place)
            mask >>= 1
        return value

    def count(self) -> int:
        """A number of things that follow."""
        number = self.number()
        if number > _MOST:
            raise IndexError("more than there can be")
        return number

    def bits(self, count: int) -> list[bool]:
        """One for each thing; all set when the first octet says so."""
        if self.octet():
            return [True] * count
        octets = self.take((count + 7) // 8)
        return [bool(octets[at // 8] & 0x80 >> at % 8) for at in range(count)]

    def digests(self, count: int) -> list[bool]:
        """Skips them; which were there."""
        defined = self.bits(count)
        self.take(4 * sum(defined))
        return defined


def entries(octets: bytes, budget: Budget) -> Iterator[Entry]:
    """Raises Damaged for what cannot be read, Bomb for a directory of absurd size."""
    try:
        yield from _entries(octets, budget)
    except (IndexError, struct.error, lzma.LZMAError, ValueError, EOFError) as error:
        raise Damaged(str(error)) from None


def _entries(octets: bytes, budget: Budget) -> Iterator[Entry]:
    offset, size = struct.unpack_from("<QQ", octets, 12)
    if size > _LARGEST_DIRECTORY:
        raise Bomb("a directory too large")
    if size == 0:
        return
    reader = _Reader(octets[32 + offset : 32 + offset + size])
    kind = reader.octet()
    while kind == _ENCODED:
        streams = _streams(reader)
        if streams.encrypted:
            yield Entry("", encrypted=True)
            return
        reader = _Reader(_unpacked(octets, streams, budget))
        kind = reader.octet()
    if kind != _HEADER:
        raise Damaged("no header")
    yield from _names(reader, budget)


def _unpacked(octets: bytes, streams: _Streams, budget: Budget) -> bytes:
    budget.entry()
    folder = streams.folders[0]
    (method, properties), size = folder.coders[0], folder.sizes[-1]
    if size > _LARGEST_DIRECTORY:
        raise Bomb("a directory too large")
    start = 32 + streams.position
    data = octets[start : start + streams.sizes[0]]
    if method == _COPY:
        return data
    unpacker = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[_filter(method, properties)])
    found = unpacker.decompress(data, size)
    budget.unpacked(len(found), len(data), len(found))
    return found


def _filter(method: bytes, properties: bytes) -> dict[str, Any]:
    """A dictionary need not be larger than what it is for."""
    if method == _LZMA2:
        return {"id": lzma.FILTER_LZMA2, "dict_size": _LARGEST_DIRECTORY}
    if method != _LZMA1:
        raise Damaged("an unknown method")
    first, lowest = properties[0], properties[0] // 9
    return {
        "id": lzma.FILTER_LZMA1,
        "dict_size": _LARGEST_DIRECTORY,
        "lc": first % 9,
        "lp": lowest % 5,
        "pb": lowest // 5,
    }


def _streams(reader: _Reader) -> _Streams:
    """StreamsInfo"""
    streams = _Streams(folders=[])
    while (kind := reader.octet()) != _END:
        if kind == _PACK:
            _read_packed(reader, streams)
        elif kind == _UNPACK:
            _read_folders(reader, streams)
        elif kind == _SUBSTREAMS:
            _skip_substreams(reader, streams)
        else:
            raise Damaged("not expected in streams")
    return streams


def _read_packed(reader: _Reader, streams: _Streams) -> None:
    streams.position = reader.number()
    count = reader.count()
    while (kind := reader.octet()) != _END:
        if kind == _SIZE:
            streams.sizes = [reader.number() for _ in range(count)]
        else:
            reader.digests(count)


def _read_folders(reader: _Reader, streams: _Streams) -> None:
    if reader.octet() != _FOLDER:
        raise Damaged("no folder")
    count = reader.count()
    if reader.octet():
        raise Damaged("folders elsewhere")
    streams.folders = [_folder(reader) for _ in range(count)]
    while (kind := reader.octet()) != _END:
        if kind == _UNPACK_SIZES:
            for folder in streams.folders:
                folder.sizes = [reader.number() for _ in range(folder.outputs)]
        else:
            for folder, defined in zip(streams.folders, reader.digests(count), strict=True):
                folder.has_digest = defined


def _folder(reader: _Reader) -> _Folder:
    folder = _Folder(coders=[])
    inputs = 0
    for _ in range(reader.count()):
        first = reader.octet()
        method = reader.take(first & 15)
        taken, given = (reader.count(), reader.count()) if first & 16 else (1, 1)
        folder.coders.append((method, reader.take(reader.count()) if first & 32 else b""))
        inputs, folder.outputs = inputs + taken, folder.outputs + given
    bound = folder.outputs - 1
    for _ in range(2 * bound):
        reader.number()
    if inputs - bound > 1:
        for _ in range(inputs - bound):
            reader.number()
    return folder


def _skip_substreams(reader: _Reader, streams: _Streams) -> None:
    while (kind := reader.octet()) != _END:
        if kind == _HOW_MANY:
            for folder in streams.folders:
                folder.parts = reader.count()
        elif kind == _SIZE:
            for folder in streams.folders:
                for _ in range(folder.parts - 1):
                    reader.number()
        else:
            reader.digests(sum(each.parts for each in streams.folders if each.parts != 1 or not each.has_digest))


def _names(reader: _Reader, budget: Budget) -> Iterator[Entry]:
    """Names are UTF-16, each ended by a NUL."""
    encrypted = False
    while (kind := reader.octet()) != _FILES:
        if kind == _MAIN_STREAMS:
            encrypted = _streams(reader).encrypted
        else:
            raise Damaged("not expected in a header")
    count = reader.count()
    while (kind := reader.octet()) != _END:
        block = reader.take(reader.number())
        if kind == _NAMES and block[:1] == b"\0":
            for name in block[1:].decode("utf-16-le", "replace").split("\0")[:count]:
                budget.entry()
                yield Entry(name, encrypted)
