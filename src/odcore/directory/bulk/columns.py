"""Which column of a sheet holds what: by its headings in English or Odia, or by what stands in it."""

import re
from collections.abc import Callable, Collection, Sequence

import msgspec

from odcore.directory.bulk import values
from odcore.directory.bulk.odia import is_odia
from odcore.directory.bulk.sheet import Line
from odcore.errors import Fault, Kind

_SEARCHED = 15  # lines above the headings: titles, the letter's number, the date

HEADINGS = {
    "name": ("name", "full name", "name in english", "name of employee", "employee name", "name of the officer",
             "name of officer", "officer name", "name of the employee", "name of the official", "staff name", "नाम"),
    "odia": ("odia name", "name in odia", "name odia", "ନାମ", "ନାଁ", "କର୍ମଚାରୀଙ୍କ ନାମ", "ଓଡ଼ିଆ ନାମ", "ନାମ ଓଡ଼ିଆ",
             "ନାମ ଓଡ଼ିଆରେ", "name in or"),
    "given": ("given name", "first name", "forename"),
    "family": ("family name", "last name", "surname"),
    "employee": ("employee number", "employee no", "employee id", "emp id", "emp no", "hrms id", "hrms no", "hrms",
                 "gpf no", "employee code", "କର୍ମଚାରୀ ସଂଖ୍ୟା", "କର୍ମଚାରୀ ନମ୍ବର", "ଏଚ୍ଆର୍ଏମ୍ଏସ୍"),
    "title": ("designation", "post", "post held", "title", "rank", "ପଦବୀ", "ପଦ", "पदनाम"),
    "office": ("office", "department", "office name", "name of office", "name of the office", "section", "unit",
               "କାର୍ଯ୍ୟାଳୟ", "ବିଭାଗ", "कार्यालय"),
    "mobile": ("mobile", "mobile no", "mobile number", "phone", "phone no", "contact no", "contact number",
               "cell", "ମୋବାଇଲ", "ମୋବାଇଲ୍", "ମୋବାଇଲ ନମ୍ବର", "ମୋବାଇଲ୍ ନମ୍ବର", "ଫୋନ", "ଫୋନ୍", "मोबाइल"),
    "expires": ("retirement", "date of retirement", "retirement date", "dor", "end of contract", "contract end",
                "date of superannuation", "superannuation", "ଅବସର ତାରିଖ"),
    "kind": ("employment", "kind of employment", "type of employment", "employee type", "employment type",
             "ନିଯୁକ୍ତି ପ୍ରକାର"),
    "alternate": ("alternate e-mail", "alternative e-mail", "personal e-mail", "personal mail id", "private e-mail",
                  "other e-mail", "ବିକଳ୍ପ ଇମେଲ", "ବ୍ୟକ୍ତିଗତ ଇମେଲ", "वैकल्पिक ईमेल"),
    "address": ("address wished", "proposed address", "e-mail", "email", "e mail", "email id", "mail id", "login"),
}  # fmt: skip
"""What people write above a column, folded; the first is what we write ourselves."""

_NO_NAMES = "No column of the sheet is a name. Give the columns headings: Name, Mobile, ..."

_BY_HEADING = {
    re.sub(r"[^\w\s]|_", "", heading.casefold(), flags=re.UNICODE): field
    for field, known in HEADINGS.items()
    for heading in known
}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One person as the sheet has them."""

    number: int
    name: str = ""
    odia: str = ""
    given: str = ""
    family: str = ""
    employee: str = ""
    title: str = ""
    office: str = ""
    mobile: str = ""
    expires: str = ""
    kind: str = ""  # of employment
    alternate: str = ""  # an address elsewhere, by which they are reached before they have ours
    address: str = ""


def people(lines: Sequence[Line], is_office: Callable[[str], bool]) -> list[Row]:
    """The rows that are people. Fault BAD_REQUEST when no column is a name."""
    for at, line in enumerate(lines[:_SEARCHED]):
        columns = _headed(line)
        if len(columns) > 1 and columns.keys() & {"name", "odia", "family"}:
            return _rows(lines[at + 1 :], columns)
        if len(columns) > 2:  # headings, and the one of the names is in words of their own
            return _rows(lines[at + 1 :], _with_names(lines[at + 1 :], columns))
    columns = _guessed(lines, _looks(is_office))
    if "name" not in columns and "odia" not in columns:
        raise Fault(Kind.BAD_REQUEST, _NO_NAMES)
    return _rows(lines, columns)


def _headed(line: Line) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, cell in enumerate(line.cells):
        field = _BY_HEADING.get(" ".join(re.sub(r"[^\w\s]|_", "", cell.casefold(), flags=re.UNICODE).split()))
        if field:
            found.setdefault(field, at)
    return found


def _with_names(lines: Sequence[Line], known: dict[str, int]) -> dict[str, int]:
    """The columns that have a heading, and those of the others that look like names. Fault BAD_REQUEST."""
    names = _guessed(lines, {"odia": _is_odia_name, "name": _is_name}, set(known.values()))
    if not names:
        raise Fault(Kind.BAD_REQUEST, _NO_NAMES)
    return known | names


def _looks(is_office: Callable[[str], bool]) -> dict[str, Callable[[str], bool]]:
    """What cells of a kind look like, the surest first."""
    return {
        "mobile": _is_mobile,
        "expires": lambda cell: not values.is_number(cell) and _is_day(cell),
        "alternate": lambda cell: "@" in cell,
        "office": is_office,
        "odia": _is_odia_name,
        "name": _is_name,
        "employee": lambda cell: any(map(str.isdigit, cell)) and len(cell) > 4,
        "title": lambda cell: not any(map(str.isdigit, cell)),
    }


def _guessed(
    lines: Sequence[Line], looks: dict[str, Callable[[str], bool]], taken: Collection[int] = ()
) -> dict[str, int]:
    """Each column that is not taken goes to what most of its cells look like."""
    body = [line for line in lines if sum(map(bool, line.cells)) > 1]
    width = max((len(line.cells) for line in body), default=0)
    free = [at for at in range(width) if at not in taken]
    columns = {at: [line.cells[at] for line in body if at < len(line.cells) and line.cells[at]] for at in free}
    found: dict[str, int] = {}
    for field, fits in looks.items():
        at = next((at for at, cells in columns.items() if cells and _most(cells, fits)), None)
        if at is not None:
            found[field] = at
            del columns[at]
    return found


def _most(cells: Sequence[str], fits: Callable[[str], bool]) -> bool:
    return sum(map(fits, cells)) * 2 > len(cells)


def _is_name(cell: str) -> bool:
    return " " in cell and cell.replace(" ", "").replace(".", "").isalpha()


def _is_odia_name(cell: str) -> bool:
    return is_odia(cell) and " " in cell


def _is_mobile(cell: str) -> bool:
    try:
        return bool(values.mobile(cell))
    except Fault:
        return False


def _is_day(cell: str) -> bool:
    try:
        return values.day(cell) is not None
    except Fault:
        return False


def _rows(lines: Sequence[Line], columns: dict[str, int]) -> list[Row]:
    found = []
    for line in lines:
        cells = {field: line.cells[at] for field, at in columns.items() if at < len(line.cells) and line.cells[at]}
        is_title = sum(map(bool, line.cells)) == 1  # a merged cell: the name of a section
        if cells and not is_title and not _headed(line).keys() >= columns.keys():  # headings of the next page
            found.append(_sorted_by_script(Row(number=line.number, **cells)))
    return found


def _sorted_by_script(row: Row) -> Row:
    """A name goes where its script belongs, whatever the heading says."""
    if (
        row.name
        and not row.odia
        and is_odia(row.name)
        and not any(each.isascii() and each.isalpha() for each in row.name)
    ):
        return msgspec.structs.replace(row, name="", odia=row.name)
    if row.odia and not row.name and not is_odia(row.odia):
        return msgspec.structs.replace(row, name=row.odia, odia="")
    return row
