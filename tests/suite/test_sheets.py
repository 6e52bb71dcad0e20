"""People out of a sheet, in the browser: who may, who may not, and what happens to what they send."""

import io
import json
import re

import openpyxl
import pytest

from odtest.browser import Browser
from odtest.daemon import Daemon, until

PRAKASH = "prakash.behera@odisha.example"  # nodal officer of Khordha
LIPIKA = "lipika.sahoo@odisha.example"  # another
RAMESH = "ramesh.pradhan@odisha.example"  # nodal officer of Puri
ANJALI = "anjali.mohanty@odisha.example"  # administers everything
ABDUL = "abdul.rahim@odisha.example"  # nothing
SASMITA = "sasmita.nayak@odisha.example"
HEAD = "Name,HRMS ID,Mobile,Office\n"


def signed_in(house: Daemon, login: str) -> Browser:
    browser = Browser(house)
    browser.sign_in(login, house.people[login].password)
    return browser


def sent(house: Daemon, login: str, *rows: str, head: str = HEAD) -> tuple[Browser, str]:
    """A browser that looks at the sheet it sent, and the sheet's address."""
    browser = signed_in(house, login)
    browser.get("/sheets")
    office = re.search(r'<option value="([0-9a-f-]{36})"[^>]*>Collectorate', browser.text)[1]
    assert browser.upload("/sheets", {"office": office}, "staff.csv", (head + "\n".join(rows)).encode()) == 200
    return browser, browser.url


def test_a_sheet_is_handed_in_by_the_command_line_and_approved_in_the_portal(house, tmp_path):
    file = tmp_path / "staff.csv"
    file.write_text(HEAD + "Sri Gopal Sethi,S-11,9437111121,khordha\n,,,\nMadhab,,,khordha\n")
    told = json.loads(house.odmail("bulk", "submit", str(file), "--maker", PRAKASH, "--office", "khordha", "--json"))
    assert (told["rows"], told["wait"]) == (2, 1)
    path = f"/sheets/{told['key']}"
    checker = signed_in(house, LIPIKA)
    checker.get(path)
    assert checker.send(f"{path}/approve", {}) == 200
    until(lambda: checker.get(path) == 200 and "/undo" in checker.text, "the people are created")
    assert '"S-11"' in house.odmail("person", "show", "gopal.sethi", "--json")
    with pytest.raises(AssertionError, match="administrators of the office"):
        house.odmail("bulk", "submit", str(file), "--maker", ABDUL)


def test_a_sheet_is_mended_submitted_approved_by_another_created_and_taken_back(house):
    maker, path = sent(house, PRAKASH, "Sri Nilu Sethi,S-1,9437111101,khordha", "Miti Sethi,S-2,9.44E9,khordha")
    assert "nilu.sethi@odisha.example" in maker.text
    assert "Excel has lost digits" in maker.text
    maker.get(f"{path}/rows/3")
    maker.send(f"{path}/rows/3", {"name": "Miti Sethi", "employee": "S-2", "mobile": "9437111102"})
    assert maker.url == path
    assert "miti.sethi@odisha.example" in maker.text
    maker.send(f"{path}/submit", {})
    assert "Somebody else must approve it." in maker.text
    assert maker.send(f"{path}/approve", {}) == 403
    checker = signed_in(house, LIPIKA)
    checker.get("/sheets")
    assert path in checker.text
    checker.get(path)
    assert checker.send(f"{path}/approve", {}) == 200
    until(lambda: checker.get(path) == 200 and "/undo" in checker.text, "the people are created")
    assert '"S-1"' in house.odmail("person", "show", "nilu.sethi", "--json")
    events = house.odmail("audit", "list", "--json")
    assert "sheet-submitted" in events
    assert "sheet-applied" in events
    slips = signed_in(house, PRAKASH)
    slips.get(path)
    slips.send(f"{path}/slips", {})
    assert "There is nobody who needs a slip." in slips.text
    assert slips.send(f"{path}/slips", {"everybody": "1"}) == 200
    assert slips.octets.startswith(b"%PDF-")
    assert house.odmail("audit", "list", "--event", "password-code-made", "--json").count("password-code-made") >= 2
    slips.get(path)
    slips.send(f"{path}/codes", {})
    assert "Text messages sent: 2, mails: 0." in slips.text
    until(lambda: "activate" in house.odmail("outbox", "list", "--to", "9437111102", "--json"), "the code comes")
    checker.send(f"{path}/undo", {})
    assert "2 accounts taken back" in checker.text
    assert "nilu.sethi" not in house.odmail("person", "list", "--json")


def test_who_has_no_phone_gets_the_code_at_an_address_of_theirs_and_who_has_neither_a_slip(house):
    rows = (f"Kuni Sethi,S-21,khordha,{SASMITA}", "Muna Sethi,S-22,khordha,")
    maker, path = sent(house, PRAKASH, *rows, head="Name,HRMS ID,Office,Alternate e-mail\n")
    maker.send(f"{path}/submit", {})
    checker = signed_in(house, LIPIKA)
    checker.get(path)
    assert checker.send(f"{path}/approve", {}) == 200
    until(lambda: checker.get(path) == 200 and "/undo" in checker.text, "the people are created")
    checker.send(f"{path}/codes", {})
    assert "mails: 1. Without either: 1," in checker.text
    with house.imap(SASMITA) as client:
        client.select()
        until(
            lambda: client.noop() and client.search(None, "TEXT", "kuni.sethi@")[1][0], "the mail with the code comes"
        )
    checker.get(path)
    assert checker.send(f"{path}/slips", {}) == 200
    made = json.loads(house.odmail("audit", "list", "--event", "password-code-made", "--json", "--most", "2"))
    assert len({each["subject"] for each in made}) == 2  # nobody's code was made anew by the slips


def test_a_sheet_goes_back_with_a_reason_and_can_be_submitted_again(house):
    maker, path = sent(house, PRAKASH, "Nilu Sethi,S-3,9437111103,khordha")
    maker.send(f"{path}/submit", {})
    checker = signed_in(house, ANJALI)
    checker.get(path)
    assert checker.send(f"{path}/refuse", {"reason": ""}) == 400
    checker.get(path)
    seen = re.search(r'name="seen" value="([^"]+)"', checker.text)[1]
    checker.send(f"{path}/refuse", {"reason": "Who is that?"})
    maker.get(path)
    assert "Who is that?" in maker.text
    assert maker.send(f"{path}/submit", {}) == 200
    checker.get(path)
    assert checker.send(f"{path}/approve", {"seen": seen}) == 409  # looked at before it was mended
    checker.get(path)
    seen = re.search(r'name="seen" value="([^"]+)"', checker.text)[1]
    assert checker.send(f"{path}/approve", {"seen": seen}) == 200


@pytest.mark.parametrize("login", [ABDUL, RAMESH])
def test_a_sheet_is_shown_to_no_other_office(house, login):
    maker, path = sent(house, PRAKASH, "Nilu Sethi,S-4,9437111104,khordha")
    maker.send(f"{path}/submit", {})
    other = signed_in(house, login)
    other.get("/me/devices")
    page = other.text
    for below in ("", "/people.xlsx", "/rows/2"):
        assert other.get(path + below) == 403
    for below in ("/submit", "/approve", "/refuse", "/undo", "/slips", "/codes", "/rows/2"):
        other.text = page
        assert other.send(path + below, {"reason": "x"}) == 403
    other.get("/sheets")
    assert path not in other.text


def test_who_administers_nothing_gets_no_form_and_may_send_nothing(house):
    browser = signed_in(house, ABDUL)
    assert "/sheets" not in browser.text
    assert browser.get("/sheets") == 403
    browser.get("/me/devices")
    assert browser.upload("/sheets", {"office": ""}, "staff.csv", HEAD.encode()) == 403


def test_nobody_is_created_in_another_office_whatever_the_sheet_says(house):
    browser, path = sent(house, RAMESH, "Nilu Sethi,S-5,9437111105,khordha")
    assert "You may not create people in this office." in browser.text
    assert browser.send(f"{path}/submit", {}) == 400


def test_a_form_without_its_token_changes_nothing(house):
    browser, path = sent(house, PRAKASH, "Nilu Sethi,S-6,9437111106,khordha")
    browser.text = ""
    assert browser.send(f"{path}/submit", {}) == 403


def test_what_stands_in_a_cell_is_text_in_the_page_and_no_formula_in_the_file(house):
    attack = "<script>alert(1)</script>"
    browser, path = sent(house, PRAKASH, f"{attack},=1+1,{attack},{attack}", "=cmd|' /C calc'!A0,S-7,,khordha")
    assert "<script>alert" not in browser.text
    assert "&lt;script&gt;alert(1)" in browser.text
    browser.get(f"{path}/rows/2")
    assert "<script>alert" not in browser.text
    browser.get(f"{path}/people.xlsx")
    for row in openpyxl.load_workbook(io.BytesIO(browser.octets)).active.iter_rows():
        assert all(cell.data_type != "f" and not str(cell.value).startswith(("=", "+", "-", "@")) for cell in row)


@pytest.mark.parametrize("octets", [b"", b"PK\x03\x04broken", b"%PDF-1.7\n\xff", b"\0\0"])
def test_what_is_no_sheet_is_told_in_the_form(house, octets):
    browser = signed_in(house, PRAKASH)
    browser.get("/sheets")
    office = re.search(r'<option value="([0-9a-f-]{36})"', browser.text)[1]
    assert browser.upload("/sheets", {"office": office}, "staff.xlsx", octets) == 400
    assert 'class="wrong"' in browser.text


def test_creating_goes_on_after_the_process_was_killed(house):
    rows = [f"Kanhu Charan Sethi,KILL-{number},,khordha" for number in range(300)]
    maker, path = sent(house, PRAKASH, *rows)
    maker.send(f"{path}/submit", {})
    checker = signed_in(house, ANJALI)
    checker.get(path)
    checker.send(f"{path}/approve", {})
    until(lambda: "kanhu.sethi5" in house.odmail("person", "list", "sethi", "--json"), "some are there")
    house.kill("web-1")

    def made() -> bool:
        try:
            return checker.get(path) == 200 and "/undo" in checker.text
        except OSError:
            return False

    until(made, "all are there", 60)
    assert house.odmail("person", "list", "kanhu", "--json").count('"KILL-') == 300
    checker.send(f"{path}/undo", {})
    assert "300 accounts taken back" in checker.text


@pytest.mark.parametrize(("language", "word"), [("or", "ଠିକ୍"), ("hi", "ठीक")])
def test_verdicts_are_said_in_the_language_of_the_page(house, language, word):
    browser, path = sent(house, PRAKASH, "Nilu Sethi,S-8,9437111108,khordha")
    browser.send("/language", {"language": language, "next": path})
    assert word in browser.text
