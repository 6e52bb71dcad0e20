"""A sheet to mend and send again: every row, its verdict and what to do. No cell of it is ever a formula."""

import io
from collections.abc import Callable, Iterable

import openpyxl

from odcore.directory.bulk.candidate import Candidate, Remark
from odcore.directory.bulk.columns import HEADINGS

_FIELDS = (
    *("name", "odia", "given", "family", "employee", "title", "office", "mobile", "expires", "kind"),
    *("alternate", "address"),
)
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "|", "%")
"""How a cell begins that some program would compute (OWASP: CSV injection)."""


def workbook(
    candidates: Iterable[Candidate],
    domain: str,
    say: Callable[[Remark], str] = str,
    verdict: Callable[[str], str] = str,
) -> bytes:
    """An .xlsx file. `say` and `verdict` put it into the reader's language."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("People")
    headings = [HEADINGS[field][0].capitalize() for field in _FIELDS]
    sheet.append([*headings, "Verdict", "To do", "Will be"])
    for each in candidates:
        cells = [getattr(each.row, field) for field in _FIELDS]
        told = " ".join(map(say, each.remarks))
        address = f"{each.uid}@{domain}" if each.uid else ""
        sheet.append([neutral(cell) for cell in (*cells, verdict(each.verdict), told, address)])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def neutral(cell: str) -> str:
    """Text that no program takes for a formula; `sheet.text` takes the apostrophe off again."""
    return f"'{cell}" if cell.startswith(_DANGEROUS) else cell
