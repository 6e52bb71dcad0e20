"""Content transfer encodings undone, whatever state they are in.  RFC 2045 6.7, 6.8"""

import binascii
import re

from odmail.message.header import unbase64

_BLANKS = re.compile(rb"(?<![ \t])[ \t]++(?=\r?\n|\Z)")


def decode(data: bytes, encoding: str) -> bytes:
    """The octets behind an encoded body. An unknown encoding is taken for none."""
    if encoding == "base64":
        return unbase64(data)
    if encoding == "quoted-printable":
        # RFC 2045 6.7 rule 3: blanks at the end of a line were added on the way
        return binascii.a2b_qp(_BLANKS.sub(b"", data))
    return data
