"""DATA: any split reads the same, as the plain definition says.  odmail.wire.dotdata"""

from fuzz.oracle import split
from odmail.wire.dotdata import DotReader, DotWriter, LineEnds


def one(data: bytes) -> None:
    whole = _read([data])
    assert whole == _read(split(data))
    head, end, rest = (b"\r\n" + data).partition(b"\r\n.\r\n")
    assert whole[0] == bool(end)
    if end:
        assert whole[2:] == ((head + b"\r\n").replace(b"\r\n.", b"\r\n")[2:], rest)
    writer, ends = DotWriter(), LineEnds()
    clean = ends.feed(data) + ends.finish()
    written = _read([writer.feed(data) + writer.finish()])
    assert written[2:] == (clean if not clean or clean.endswith(b"\r\n") else clean + b"\r\n", b"")


def _read(pieces: list[bytes]) -> tuple[bool, object, bytes, bytes]:
    reader, body, rest = DotReader(), b"", b""
    for piece in pieces:
        if reader.done:
            rest += piece
        else:
            body += reader.feed(piece)
            rest += reader.rest
    return reader.done, reader.flaws if reader.done else None, body if reader.done else b"", rest
