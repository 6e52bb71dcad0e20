"""The media type of a file: by its name, else as the client says.  RFC 9110 8.3"""

import mimetypes
import re
from posixpath import splitext

mimetypes.init()  # with what the system knows

UNKNOWN = "application/octet-stream"

_BY_NAME = {
    extension: mime
    for extension, mime in mimetypes.types_map.items()
    if extension not in mimetypes.encodings_map and extension not in mimetypes.suffix_map  # packed
}

_TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,80}(; ?charset=[\w-]{1,40})?", re.ASCII)


def mime_of(name: str, told: str) -> str:
    """Never anything that is no media type."""
    guessed = _BY_NAME.get(splitext(name)[1].lower())
    if guessed:
        return guessed
    return told if _TYPE.fullmatch(told) else UNKNOWN
