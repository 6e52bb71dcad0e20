"""Sheets are zip archives: what is unpacked is counted before anybody reads it.  ISO/IEC 21320-1

So are the elements of the XML inside: whoever reads it keeps an object for each, a hundred times what `<c/>` takes.
"""

import io
import zipfile
import zlib
from contextlib import suppress
from xml.parsers import expat

from odcore.errors import Fault, Kind

_MOST_PARTS = 500
_LARGEST = 32 << 20
"""Octets of everything unpacked: ten thousand rows are a tenth of it."""

_MOST_ELEMENTS = 1_000_000
_STYLES, _MOST_STYLES = "xl/styles.xml", 100_000
"""Each is compared with all before it, by the library that reads workbooks."""


def measured(octets: bytes) -> bytes:
    """The same archive with nothing packed, so that whoever reads it reads what was counted here."""
    whole = io.BytesIO()
    left, elements = _LARGEST, _MOST_ELEMENTS
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as given, zipfile.ZipFile(whole, "w") as taken:
            parts = given.infolist()
            if len({part.filename for part in parts}) != len(parts) or len(parts) > _MOST_PARTS:
                raise Fault(Kind.BAD_REQUEST, "This is no sheet: too many parts.")
            for part in parts:
                with given.open(part) as stream:
                    content = stream.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise _too_large()
                elements -= _counted(content, min(elements, _MOST_STYLES if part.filename == _STYLES else elements))
                taken.writestr(part.filename, content)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, ValueError, EOFError, OSError) as error:
        raise Fault(Kind.BAD_REQUEST, "The file is damaged, or it is no sheet.") from error
    return whole.getvalue()


def _counted(part: bytes, most: int) -> int:
    """How many elements it has, as far as it is XML. Faults TOO_BIG, and BAD_REQUEST for declarations of entities."""
    found = 0

    def begins(_name: str, _attributes: dict[str, str]) -> None:
        nonlocal found
        found += 1
        if found > most:
            raise _too_large()

    def declares(*_facts: object) -> None:
        raise Fault(Kind.BAD_REQUEST, "The file is damaged, or it is no sheet.")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.StartDoctypeDeclHandler = begins, declares
    with suppress(expat.ExpatError):  # a picture, or broken: whoever reads it comes no further, either
        parser.Parse(part, True)
    return found


def _too_large() -> Fault:
    return Fault(Kind.TOO_BIG, "The sheet is too large when it is unpacked.")
