"""Sheets as people send them, and as nobody should."""

import io
import zipfile

import openpyxl
import pytest

from odcore.directory.bulk import annotate, columns, sheet
from odcore.directory.bulk.candidate import Candidate, Remark
from odcore.directory.bulk.columns import Row
from odcore.errors import Fault, Kind

NS = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def xlsx(*rows: tuple) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def ods(table: str, head: str = "") -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        body = f"<office:document-content {NS}><office:body><office:spreadsheet><table:table>{table}"
        ends = "</table:table></office:spreadsheet></office:body></office:document-content>"
        archive.writestr("content.xml", f"{head}{body}{ends}")
    return written.getvalue()


def people(octets: bytes) -> list[Row]:
    return columns.people(sheet.read(octets), lambda text: text == "khordha")


def test_titles_blank_rows_and_floats_are_understood():
    octets = xlsx(
        ("Staff of the Collectorate as on 1st November",),
        (),
        ("Sl.", "Name of Employee", "Mobile No.", "HRMS ID", "Office"),
        (1, "Smt. Lata Nayak", 9437012345.0, 110045.0, "khordha"),
        (),
        ("Revenue Section",),
        (2, "Hari Das", "'+91 94370 12346", "110046", "khordha"),
    )
    first, second = people(octets)
    assert (first.number, first.name, first.mobile, first.employee) == (4, "Smt. Lata Nayak", "9437012345", "110045")
    assert (second.number, second.mobile) == (7, "+91 94370 12346")


def test_headings_may_be_odia_and_names_go_where_their_script_belongs():
    octets = "ନାମ;ମୋବାଇଲ୍ ନମ୍ବର;ପଦବୀ\nଲତା ନାୟକ;୯୪୩୭୦୧୨୩୪୫;କିରାଣି\n".encode()
    assert people(octets) == [Row(number=2, odia="ଲତା ନାୟକ", mobile="୯୪୩୭୦୧୨୩୪୫", title="କିରାଣି")]


def test_headings_count_though_the_one_of_the_names_is_in_words_of_their_own():
    head = "Statement,,,,\nSl,Name of the incumbent,Father,HRMS ID,Mobile No.,Office\n"
    [row] = people((head + "1,Sri Gopal Sahu,Hari Sahu,H-1,9437000001,khordha\n").encode())
    assert (row.name, row.employee, row.mobile, row.office) == ("Sri Gopal Sahu", "H-1", "9437000001", "khordha")
    with pytest.raises(Fault) as caught:
        people(b"Sl,HRMS ID,Mobile No.,Office\n1,H-1,9437000001,khordha\n")
    assert caught.value.kind is Kind.BAD_REQUEST


def test_a_sheet_without_headings_is_read_by_what_stands_in_it():
    octets = b"1,Lata Nayak,khordha,9437012345,HR110045,Clerk\n2,Hari Das,khordha,9437012346,HR110046,Clerk\n"
    row = people(octets)[0]
    assert (row.name, row.office, row.mobile, row.employee, row.title) == (
        "Lata Nayak",
        "khordha",
        "9437012345",
        "HR110045",
        "Clerk",
    )


def test_an_ods_table_repeats_no_further_than_the_limits():
    cell = '<table:table-cell table:number-columns-repeated="2000000000"><text:p>x</text:p></table:table-cell>'
    row = f'<table:table-row table:number-rows-repeated="2000000000">{cell}</table:table-row>'
    with pytest.raises(Fault) as caught:
        sheet.read(ods(row))
    assert caught.value.kind is Kind.TOO_BIG


def test_an_ods_table_has_numbers_dates_and_blank_rows():
    cells = (
        '<table:table-cell office:value-type="float" office:value="9437012345"><text:p>9.44</text:p></table:table-cell>'
        '<table:table-cell office:value-type="date" office:date-value="2031-03-31"/>'
    )
    blank = '<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>'
    lines = sheet.read(ods(f"{blank}<table:table-row>{cells}</table:table-row>"))
    assert [line.cells for line in lines] == [("9437012345", "2031-03-31")]


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_a_document_with_entities_is_refused(head):
    told = "<table:table-row><table:table-cell><text:p>Lata</text:p></table:table-cell></table:table-row>"
    assert sheet.read(ods(told))
    with pytest.raises(Fault) as caught:
        sheet.read(ods(told, head))
    assert caught.value.kind is Kind.BAD_REQUEST


def test_a_workbook_with_entities_is_refused():
    given = io.BytesIO(xlsx(("Name", "Mobile"), ("Lata Nayak", "9437012345")))
    written = io.BytesIO()
    with zipfile.ZipFile(given) as source, zipfile.ZipFile(written, "w") as target:
        for part in source.infolist():
            content = source.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                content = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>' + content
            target.writestr(part.filename, content)
    with pytest.raises(Fault) as caught:
        sheet.read(written.getvalue())
    assert caught.value.kind is Kind.BAD_REQUEST


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", bytes(100 << 20))
    with pytest.raises(Fault) as caught:
        sheet.read(written.getvalue())
    assert caught.value.kind is Kind.TOO_BIG


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/styles.xml"])
def test_a_workbook_of_millions_of_elements_is_refused_before_it_is_read(part, monkeypatch):
    """A few kilobytes that would become gigabytes of objects."""
    read = []
    monkeypatch.setattr(openpyxl, "load_workbook", lambda *_facts, **_more: read.append(1))
    given = io.BytesIO(xlsx(("Name", "Mobile"), ("Lata Nayak", "9437012345")))
    written = io.BytesIO()
    with zipfile.ZipFile(given) as source, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as target:
        for each in source.infolist():
            content = source.read(each)
            if each.filename == part:
                at = content.rindex(b"</")
                content = content[:at] + b"<c/>" * (1_000_001 if "sheet1" in part else 100_001) + content[at:]
            target.writestr(each.filename, content)
    assert len(written.getvalue()) < 30_000
    with pytest.raises(Fault) as caught:
        sheet.read(written.getvalue())
    assert (caught.value.kind, read) == (Kind.TOO_BIG, [])


@pytest.mark.parametrize("octets", [b"PK\x03\x04 nothing", b"", b"\x00\x01\x02", b"\xff\xfe\x00", b"%PDF-1.7\n\xff"])
def test_what_is_no_sheet_is_a_fault(octets):
    with pytest.raises(Fault):
        people(octets)


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", '=HYPERLINK("x")'])
def test_no_cell_given_out_is_a_formula_and_what_was_given_comes_back(cell):
    each = Candidate(row=Row(number=2, name=cell, mobile="+919437012345"), remarks=(Remark("%(x)s", {"x": cell}),))
    written = annotate.workbook([each], "odisha.example")
    for row in openpyxl.load_workbook(io.BytesIO(written)).active.iter_rows():
        for found in row:
            assert found.data_type != "f"
            assert not str(found.value or "").startswith(("=", "+", "-", "@", "\t"))
    again = people(written)[0]
    assert (again.name, again.mobile) == (" ".join(cell.split()), "+919437012345")


def test_ten_thousand_people_have_room_for_their_headings_and_no_more():
    rows = [f"Lata Nayak,{number}" for number in range(sheet.MOST_ROWS)]
    assert len(people("\n".join(["Name,HRMS ID", *rows]).encode())) == sheet.MOST_ROWS
    with pytest.raises(Fault) as caught:
        sheet.read("\n".join(rows * 2).encode())
    assert caught.value.kind is Kind.TOO_BIG
