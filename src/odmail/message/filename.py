"""One name for an attachment, the same wherever it is shown, and safe to show.  RFC 2183 2.3"""

import re
import unicodedata

from odmail.message import parameters
from odmail.message.parameters import Parameters

LONGEST = 255

# characters that reorder what stands around them ("exe.fdp"), and all controls
_DECEIVING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
_SEPARATORS = re.compile(r"[/\\:]")


def of(disposition: Parameters, content_type: Parameters) -> str:
    """Content-Disposition's filename, else Content-Type's name, made safe; "" when neither is there."""
    if not disposition and not content_type:
        return ""
    found = parameters.text(disposition, b"filename") or parameters.text(content_type, b"name")
    return safe(found) if found else ""


def safe(name: str) -> str:
    """Without path, controls and direction marks. Joiners stay: Odia needs them."""
    name = _SEPARATORS.sub("_", _DECEIVING.sub("", unicodedata.normalize("NFC", name))).strip(" .")
    if len(name) <= LONGEST:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix) > 20:
        return name[:LONGEST]
    return f"{stem[: LONGEST - len(suffix) - 1]}.{suffix}"
