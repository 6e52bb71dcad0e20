"""A report as mail: words for people, and the document packed.  RFC 9990 3, RFC 8460 5.3, RFC 1952"""

import gzip
from base64 import encodebytes
from email.utils import format_datetime

import msgspec

from odcore import clock, ids
from odmail.message.compose import address_field, field, message, multipart, text_part


class Letter(msgspec.Struct, frozen=True):
    """What it is about. `kind` is the document's media type once packed."""

    subject: str
    text: str
    document: bytes
    name: str
    kind: str
    subtype: str = "mixed"  # of the multipart
    parameters: str = ""
    fields: tuple[tuple[str, str], ...] = ()


def compose(host: str, sender: str, to: tuple[str, ...], letter: Letter) -> bytes:
    """From an address of ours, so that it is signed; answered by nobody."""
    fields = [
        address_field("From", [("Mail reports", sender)]),
        address_field("To", [("", each) for each in to]),
        field("Subject", letter.subject),
        field("Date", format_datetime(clock.now())),
        field("Message-ID", f"<{ids.uuid7()}@{host}>"),
        field("Auto-Submitted", "auto-generated"),  # RFC 3834 5
        *(field(name, value) for name, value in letter.fields),
    ]
    parts = [text_part(letter.text), _packed(letter)]
    return message(fields, multipart(letter.subtype, parts, letter.parameters))


def _packed(letter: Letter) -> bytes:
    body = encodebytes(gzip.compress(letter.document, mtime=0)).replace(b"\n", b"\r\n")
    head = (
        f"Content-Type: {letter.kind}\r\nContent-Transfer-Encoding: base64\r\n"
        f'Content-Disposition: attachment; filename="{letter.name}"\r\n\r\n'
    )
    return head.encode() + body
