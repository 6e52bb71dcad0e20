"""The media type of a file: by its name, else as the client says.  RFC 9110 8.3"""

import mimetypes
import re

UNKNOWN = "application/octet-stream"

_TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,80}(; ?charset=[\w-]{1,40})?", re.ASCII)


def mime_of(name: str, told: str) -> str:
    """Never anything that is no media type."""
    guessed, encoding = mimetypes.guess_type(f"file:{name}")
    if guessed and not encoding:
        return guessed
    return told if _TYPE.fullmatch(told) else UNKNOWN
