"""What of a card is compared when somebody searches: the value as it is read, folded.  RFC 6352 8.3"""

import re

from odcore.folding import normalize

_NUMBER = re.compile(r"[\d\s().+/-]*\d[\d\s().+/-]*\Z")
_BETWEEN = re.compile(r"[\s().+/-]")


def folded(name: str, text: str) -> str:
    """Of a value, and of what is sought in it: the digits of a number match however they are grouped."""
    if name == "TEL" and _NUMBER.match(text):
        return _BETWEEN.sub("", text)
    return normalize(text).strip()
