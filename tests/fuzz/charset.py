"""Octets in whatever charset the line before them names, and encoded words: always text.  odmail.message.charset"""

from odmail.message import charset, header


def one(data: bytes) -> None:
    name, _, octets = data.partition(b"\n")
    charset.decode(octets, name.decode("latin-1"))
    charset.guess(octets)
    header.decode(data)
