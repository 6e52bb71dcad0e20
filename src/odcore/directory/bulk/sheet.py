"""A sheet as rows of text, whatever program wrote it: .xlsx, .ods or .csv."""

import csv
import io
import unicodedata
from collections.abc import Iterable
from datetime import datetime

import msgspec

from odcore.directory.bulk import ods, xlsx
from odcore.errors import Fault, Kind

MOST_ROWS = 10_000
LARGEST_FILE = 20 << 20
_MOST_COLUMNS = 60
_LONGEST_CELL = 400
_TITLES = 100  # headings and the names of sections, beside the people
_SCANNED = MOST_ROWS * 2  # blank rows and titles among them


class Line(msgspec.Struct, frozen=True):
    """One row that says something, and its number in the sheet, as people count."""

    number: int
    cells: tuple[str, ...]


def read(octets: bytes) -> list[Line]:
    """Rows without the blank ones. Faults BAD_REQUEST (no sheet), TOO_BIG."""
    if len(octets) > LARGEST_FILE:
        raise Fault(Kind.TOO_BIG, "The file is larger than 20 MiB.")
    lines = []
    for number, row in enumerate(_rows(octets), 1):
        cells = tuple(map(text, row))
        if any(cells):
            lines.append(Line(number, cells))
        if len(lines) > MOST_ROWS + _TITLES or number > _SCANNED:
            raise Fault(Kind.TOO_BIG, f"The sheet has more than {MOST_ROWS} rows: divide it.")
    if not lines:
        raise Fault(Kind.BAD_REQUEST, "The sheet is empty.")
    return lines


def text(value: object) -> str:
    """A cell's value: one line, no control characters, 9437012345.0 as the number it was."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        return str(int(value))
    given = str(value)[:_LONGEST_CELL].removeprefix("'")  # the apostrophe that makes Excel take a value for text
    written = unicodedata.normalize("NFC", given)
    shown = "".join(each if unicodedata.category(each)[0] != "C" or each == "\u200d" else " " for each in written)
    return " ".join(shown.split())


def _rows(octets: bytes) -> Iterable[tuple[object, ...]]:
    if octets[:4] == b"PK\x03\x04":
        read_as = ods.rows if b"opendocument.spreadsheet" in octets[:200] else xlsx.rows
        return read_as(octets, _SCANNED + 1, _MOST_COLUMNS)
    if octets[:4] == b"\xd0\xcf\x11\xe0":
        raise Fault(Kind.UNSUPPORTED, "This is the old .xls form: save the sheet as .xlsx.")
    return _csv(octets)


def _csv(octets: bytes) -> Iterable[tuple[object, ...]]:
    """Comma, semicolon or tab, whichever the first lines have most; UTF-8, or UTF-16 as Excel's "Unicode text"."""
    try:
        written = octets.decode("utf-16" if octets[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise Fault(Kind.BAD_REQUEST, "The file is no sheet, or its text is not UTF-8.") from error
    if "\0" in written:
        raise Fault(Kind.BAD_REQUEST, "The file is no sheet.")
    delimiter = max(",;\t", key=written[:4096].count)
    try:
        yield from (tuple(row[:_MOST_COLUMNS]) for row in csv.reader(io.StringIO(written), delimiter=delimiter))
    except csv.Error as error:
        raise Fault(Kind.BAD_REQUEST, "The file is no sheet.") from error
