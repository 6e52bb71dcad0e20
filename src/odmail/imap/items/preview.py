"""PREVIEW: the first words of the text, made when the message arrived.  RFC 8970"""

from odmail.imap import writer
from odmail.imap.item import Bound, Facts, Item, Light
from odmail.imap.reader import Reader
from odmail.mailbox.model import Need


def read_preview(reader: Reader, _word: bytes) -> Bound:
    """PREVIEW or PREVIEW (LAZY). Ours is always at hand, so the two are one.  RFC 8970 4.1"""
    if reader.take(b" ("):
        if reader.word() != b"LAZY":
            raise reader.bad("LAZY")
        reader.expect(b")")
    return Bound(Need.PREVIEW, light=writing_preview)


def writing_preview(facts: Facts) -> Light:
    def spell(preview: str) -> bytes:
        return writer.string(preview.encode(), utf8=facts.utf8)

    return Light(b"PREVIEW %b", lambda rows: map(spell, rows.preview))


ITEMS = (Item(b"PREVIEW", "8970 3", read_preview, "PREVIEW"),)
