"""A sheet as offices send it: a title over the headings, blank rows, both scripts, numbers that Excel has mangled."""

from io import BytesIO
from itertools import product

import openpyxl

_GIVEN = ("Sri Gopal", "Smt. MINA", "Bikash Kumar", "Kum. Asha", "Dr. Rabindra Nath", "ମାଧବ", "Sarat  Ch.")
_FAMILY = ("Sahu", "DAS", "Nayak", "Mohapatra", "ବେହେରା", "Swain", "Jena", "Pradhan")
_NAMES = [f"{given} {family}" for given, family in product(_GIVEN, _FAMILY)]
_ODIA = ("ଗୋପାଳ ସାହୁ", "", "ବିକାଶ ନାୟକ", "ଆଶା ଜେନା", "")
HEAD = (
    "Sl. No.",
    "Name of the employee",
    "ନାମ (ଓଡ଼ିଆ)",
    "HRMS ID",
    "Mobile No.",
    "Office",
    "Designation",
    "Date of retirement",
)


def nasty(count: int, tag: str = "") -> bytes:
    """An .xlsx of so many people; about one in eight rows cannot stay as it is."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["Statement of employees of the Collectorate, Khordha"])
    page.merge_cells("A1:H1")
    page.append([])
    page.append(HEAD)
    for number in range(count):
        page.append(_row(number, tag))
        if number % 40 == 39:
            page.append([])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _row(number: int, tag: str) -> list[object]:
    name, mobile = _NAMES[number % len(_NAMES)], 9_000_000_000 + 20_000 * len(tag) + number
    row: list[object] = [
        number + 1,
        name,
        _ODIA[number % len(_ODIA)],
        f"{tag}H-{number}",
        (float(mobile), f"0{mobile}", f"+91 {mobile}", mobile)[number % 4],
        ("khordha", "Collectorate", "KHORDHA ")[number % 3],
        "Clerk",
        ("31-03-2045", "2045-03-31", "")[number % 3],
    ]
    wrong = {
        0: (1, "<script>alert(1)</script>"),
        8: (4, "9.44E+09"),
        16: (5, "Atlantis"),
        24: (1, "Gоpal Sahu"),  # Cyrillic
        32: (3, f"{tag}H-{number - 1}"),
        40: (7, "31-03-1999"),
        48: (1, "=cmd|' /C calc'!A0"),
    }
    if number % 56 in wrong:
        column, value = wrong[number % 56]
        row[column] = value
    return row
