"""The bus on the wire: each frame is a length, the tag of a message and the message as MessagePack.

The hub forwards frames without looking inside; a receiver decodes only the tags it has subscribers for.
"""

import struct
from collections.abc import Iterator

import msgspec

_HEAD = struct.Struct(">IB")  # octets of tag and payload together, octets of the tag

MAX_FRAME = 1 << 20
"""A frame beyond this is no hint: the connection that sent it is closed."""


class BadFrame(Exception):
    """The peer does not speak this protocol."""


def tag_of(kind: type[msgspec.Struct]) -> str:
    """The tag a message type was declared with."""
    tag = kind.__struct_config__.tag
    if not isinstance(tag, str):
        raise TypeError(f"{kind.__name__} needs tag=... to travel on the bus")
    return tag


def encode(message: msgspec.Struct) -> bytes:
    """A message as one frame."""
    tag = tag_of(type(message)).encode()
    payload = msgspec.msgpack.encode(message)
    return _HEAD.pack(len(tag) + len(payload), len(tag)) + tag + payload


class Reader:
    """Cuts a stream into frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[str, bytes, bytes]]:
        """Tag, payload and the whole frame, for each that is complete."""
        buffer = self._buffer
        buffer += data
        at = 0
        while len(buffer) - at >= _HEAD.size:
            length, letters = _HEAD.unpack_from(buffer, at)
            if length > MAX_FRAME or letters > length:
                raise BadFrame(f"a frame of {length} octets")
            start, end = at + _HEAD.size, at + _HEAD.size + length
            if len(buffer) < end:
                break
            yield buffer[start : start + letters].decode(), bytes(buffer[start + letters : end]), bytes(buffer[at:end])
            at = end
        del buffer[:at]
