"""Rows of an .ods document's first table.  OpenDocument 1.2, part 1, 9.1"""

import io
import zipfile
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from odcore.directory.bulk.archive import measured
from odcore.errors import Fault, Kind

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")


def rows(octets: bytes, most_rows: int, most_columns: int) -> Iterator[tuple[object, ...]]:
    """Cells and rows that are repeated a million times are repeated no further than the limits."""
    try:
        with zipfile.ZipFile(io.BytesIO(measured(octets))) as archive, archive.open("content.xml") as content:
            left = most_rows
            for _, element in iterparse(content, events=("end",), forbid_dtd=True):
                if element.tag == f"{_TABLE}table" or left <= 0:
                    return
                if element.tag == f"{_TABLE}table-row":
                    row = _cells(element, most_columns)
                    times = min(_times(element, "rows") if any(row) else 1, left)
                    left -= times
                    for _ in range(times):
                        yield row
                    element.clear()
    except (ParseError, DefusedXmlException, KeyError, ValueError) as error:
        raise Fault(Kind.BAD_REQUEST, "The document cannot be read. Save it once more as .ods or .csv.") from error


def _cells(row: Element, most: int) -> tuple[object, ...]:
    found: list[str] = []
    for cell in row:
        if cell.tag in _CELLS and len(found) < most:
            found += [_value(cell)] * min(_times(cell, "columns"), most - len(found))
    return tuple(found)


def _value(cell: Element) -> str:
    kind = cell.get(f"{_OFFICE}value-type")
    if kind == "float":
        return cell.get(f"{_OFFICE}value", "")
    if kind == "date":
        return cell.get(f"{_OFFICE}date-value", "")[:10]
    return " ".join("".join(paragraph.itertext()) for paragraph in cell.iter(f"{_TEXT}p"))


def _times(element: Element, what: str) -> int:
    return max(1, int(element.get(f"{_TABLE}number-{what}-repeated", "1")))
