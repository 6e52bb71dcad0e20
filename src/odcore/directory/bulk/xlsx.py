"""Rows of an .xlsx workbook's first sheet.  ECMA-376"""

import io
import zipfile
from collections.abc import Iterator
from xml.etree.ElementTree import ParseError

import openpyxl
from defusedxml import DefusedXmlException
from openpyxl.utils.exceptions import InvalidFileException

from odcore.directory.bulk.archive import measured
from odcore.errors import Fault, Kind

_BROKEN = (
    InvalidFileException, DefusedXmlException, ParseError, zipfile.BadZipFile,
    KeyError, ValueError, TypeError, AttributeError, IndexError, OverflowError,
)  # fmt: skip
"""What the library raises for a workbook that is none."""


def rows(octets: bytes, most_rows: int, most_columns: int) -> Iterator[tuple[object, ...]]:
    """Values as they were last computed; formulas themselves are never read."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(measured(octets)), read_only=True, data_only=True, keep_links=False)
        if not book.worksheets:
            return
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its own size is not believed
        yield from sheet.iter_rows(max_row=most_rows, max_col=most_columns, values_only=True)
    except _BROKEN as error:
        raise Fault(Kind.BAD_REQUEST, "The workbook cannot be read. Save it once more as .xlsx or .csv.") from error
