"""Sheets are zip archives: what is unpacked is counted before anybody reads it.  ISO/IEC 21320-1"""

import io
import zipfile
import zlib

from odcore.errors import Fault, Kind

_MOST_PARTS = 500
_LARGEST = 32 << 20
"""Octets of everything unpacked: ten thousand rows are a tenth of it."""


def measured(octets: bytes) -> bytes:
    """The same archive with nothing packed, so that whoever reads it reads what was counted here."""
    whole = io.BytesIO()
    left = _LARGEST
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
                    raise Fault(Kind.TOO_BIG, "The sheet is too large when it is unpacked.")
                taken.writestr(part.filename, content)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, ValueError, EOFError, OSError) as error:
        raise Fault(Kind.BAD_REQUEST, "The file is damaged, or it is no sheet.") from error
    return whole.getvalue()
