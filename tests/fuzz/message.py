"""Messages: never an exception, offsets that nest, answers a strict client can read.  odmail.message.parse"""

from odmail.message.parse import parse
from odtest import imap_body


def one(data: bytes) -> None:
    parsed = parse(data)
    assert parsed.size == parsed.part.end == len(data)
    imap_body.check(parsed)
    parsed.preview.encode("utf-8")
    waiting = [parsed.part]
    while waiting:
        part = waiting.pop()
        assert 0 <= part.header_start <= part.body_start <= part.end <= len(data)
        for child in part.children:
            assert part.body_start <= child.header_start
            assert child.end <= part.end
        waiting.extend(part.children)
