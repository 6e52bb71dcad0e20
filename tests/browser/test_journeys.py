"""Whole ways of people through the pages, click by click: each in three languages, on a desk and on phones."""

import contextlib
import io
import json
import re
import sqlite3
import time
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pyotp
import pytest
from playwright.sync_api import expect

from odtest.daemon import Daemon, until
from odtest.walk import WALKS, Walk, walk

pytestmark = pytest.mark.timeout(400)

PRAKASH = "prakash.behera@odisha.example"  # nodal officer of Khordha
LIPIKA = "lipika.sahoo@odisha.example"  # another
SUNITA = "sunita.hembram@odisha.example"  # an officer
ANJALI = "anjali.mohanty@odisha.example"  # administers everything
PASSWORD = "a river and a hill"

_NAMES = {
    SUNITA: {"en": "Sunita Hembram", "or": "ସୁନୀତା ହେମ୍ବ୍ରମ", "hi": "Sunita Hembram"},
    LIPIKA: {"en": "Lipika Sahoo", "or": "ଲିପିକା ସାହୁ", "hi": "Lipika Sahoo"},
}
_PEOPLE = ("Mili Parida", "Lili Sethi", "Madhab Lenka")

_numbers = count(9437300001)


@pytest.mark.parametrize("kind", WALKS)
def test_a_newcomer_applies_is_refused_applies_again_and_signs_in_with_a_second_step(house: Daemon, chromium, kind):
    """On the Odia phone by keyboard alone."""
    name = f"Bikash {kind.partition('-')[0].title()} Swain"
    phones = [str(next(_numbers)) for _ in range(2)]
    with (
        walk(chromium, house, kind, "newcomer", keys=kind == "or-phone") as newcomer,
        walk(chromium, house, kind, "head") as head,
        walk(chromium, house, kind, "agency") as agency,
    ):
        newcomer.start("/sign-in")
        newcomer.follow("I have no account yet")
        _apply(newcomer, house, name, phones[0])
        for decides, login in ((head, PRAKASH), (agency, ANJALI)):
            decides.enter(login, house.people[login].password)

        _open_application(head, name)
        head.write("Reason", "ଏହି ନାମର କେହି ନାହାନ୍ତି <b>")
        head.press("Refuse")
        head.reads("Refused.")
        newcomer.again()
        newcomer.shows("ଏହି ନାମର କେହି ନାହାନ୍ତି <b>")
        newcomer.follow("Apply again")
        _apply(newcomer, house, name, phones[1])

        _open_application(head, name)
        head.press("Approve")
        head.reads("waits for the agency")
        _open_application(agency, name)
        agency.press("Approve and create")
        agency.reads("created")

        text = until(lambda: _text(house, phones[1], "activate"), "the way in comes")
        newcomer.again()
        newcomer.follow("Set a password")
        newcomer.write("Code", re.search(r"[a-z0-9]{4}(-[a-z0-9]{4}){4}", text)[0])
        newcomer.write("New password", PASSWORD)
        newcomer.write("New password, once more", PASSWORD)
        newcomer.press("Set a password")
        [address] = re.findall(r"\S+@odisha\.example", newcomer.page.inner_text("main"))
        newcomer.enter(address, PASSWORD)
        _second_step(newcomer, address)


def _apply(newcomer: Walk, house: Daemon, name: str, phone: str) -> None:
    """From the form to the reference."""
    newcomer.write("Name in English", name)
    newcomer.write("Name in Odia", "ବିକାଶ ସ୍ୱାଇଁ")
    newcomer.write("Designation", "Junior Assistant")
    newcomer.write("Office", "khordha")
    newcomer.tick(newcomer.page.get_by_role("radio").first)
    newcomer.write("Mobile number", phone)
    newcomer.press("Send a code to my phone", 400)
    newcomer.reads("This field is required.")
    assert newcomer.page.evaluate("document.activeElement.matches('.field-wrong input')")
    newcomer.write("Date of retirement or end of contract", "31-03-2045")
    newcomer.press("Send a code to my phone")
    newcomer.write("Code", re.match(r"\d{6}", until(lambda: _text(house, phone, "code"), "a code comes"))[0])
    newcomer.press("Go on")
    newcomer.tick(newcomer.page.get_by_role("radio").first)
    newcomer.press("Send the application")
    newcomer.reads("waits for the head of office")


def _open_application(decides: Walk, name: str) -> None:
    decides.follow("Applications")
    decides.go(decides.page.get_by_role("table").first.get_by_role("link", name=name))


def _text(house: Daemon, phone: str, template: str) -> str:
    """What came last to a phone; "" as long as nothing has."""
    found = json.loads(house.odmail("outbox", "list", "--to", phone, "--json"))
    return next((each["text"] for each in reversed(found) if each["template"].startswith(template)), "")


def _second_step(person: Walk, address: str) -> None:
    """An app for codes, and a passkey; signing in with each."""
    person.follow("The second step")
    person.follow("Set up an app")
    person.use(person.page.locator("summary"))
    app = pyotp.TOTP(person.page.locator(".secret").inner_text().replace(" ", ""))
    person.write("The code that the app shows now", app.at(time.time() - 30))
    person.press("Keep this app")
    assert person.page.locator("li.secret").count() == 10
    person.press("Sign out")
    person.enter(address, PASSWORD)
    person.write("Code", app.now())
    person.press("Sign in")

    person.get_authenticator()
    person.follow("The second step")
    person.write("Name of the passkey", "Phone")
    person.press("Make a passkey")
    person.press("Sign out")
    person.press("Sign in with a passkey")
    person.reads("My addresses")


@pytest.mark.parametrize("kind", WALKS)
def test_a_sheet_is_mended_submitted_approved_created_and_taken_back(house: Daemon, chromium, kind, tmp_path):
    with walk(chromium, house, kind, "maker") as maker, walk(chromium, house, kind, "checker") as checker:
        maker.enter(PRAKASH, house.people[PRAKASH].password)
        maker.follow("People from a sheet")
        maker.press("Look at it", 400)
        maker.reads("This field is required.")
        name = f"Staff {kind} <b>.xlsx"
        maker.field("Sheet").set_input_files(_sheet(tmp_path / name))
        maker.press("Look at it")
        maker.reads("Excel has lost digits of this number: type it once more, as text.")
        maker.go(maker.page.get_by_role("row").filter(has_text="Hari Digal").get_by_role("link"))
        maker.write("Mobile number", str(next(_numbers)))
        maker.press("Judge again")
        remarks = openpyxl.load_workbook(io.BytesIO(maker.download(maker.link(maker.say("Download with remarks")))))
        assert maker.say("fine") in [cell.value for row in remarks.active.rows for cell in row]
        maker.press("Submit the rows that are fine")
        maker.reads("Somebody else must approve it.")

        checker.enter(LIPIKA, house.people[LIPIKA].password)
        checker.follow("People from a sheet")
        checker.go(checker.link(name))
        checker.press("Approve and create")
        expect(checker.button("Take back")).to_be_visible()
        _put_into(house, name, "making")  # so few are made before anybody sees how far it is
        checker.again()
        expect(checker.page.get_by_role("progressbar")).to_be_visible()
        checker.look()
        _put_into(house, name, "made")
        expect(checker.button("Take back")).to_be_visible()  # by itself
        checker.look()
        assert checker.download(checker.button("Slips for everybody (PDF)")).startswith(b"%PDF-")
        checker.press("Send codes by text message or mail")
        checker.reads(
            "Text messages sent: %(sent)s, mails: %(written)s. Without either: %(rest)s, for whom slips are printed.",
            sent=len(_PEOPLE) + 1,
            written=0,
            rest=0,
        )
        checker.press("Take back")
        checker.reads("taken back")


def _put_into(house: Daemon, name: str, state: str) -> None:
    with contextlib.closing(sqlite3.connect(house.folder / "web" / "web.sqlite", timeout=20)) as pages, pages:
        pages.execute("UPDATE sheets_sheet SET state = ? WHERE name = ?", (state, name))


def _sheet(path: Path) -> Path:
    """As offices send them: a title over all, empty rows, numbers that Excel has mangled, the same person twice."""
    book = openpyxl.Workbook()
    rows = book.active
    rows.append(["Staff of the Collectorate, Khordha"])
    rows.merge_cells("A1:D1")
    rows.append([])
    rows.append(["Name of the Officer", "HRMS No.", "ମୋବାଇଲ୍ ନମ୍ବର", "Department"])
    for name in _PEOPLE:
        rows.append([f"Smt. {name.upper()}", f"S-{next(_numbers)}", float(next(_numbers)), "khordha"])
    rows.append([])
    rows.append([f"Shri {_PEOPLE[0]}", "", rows.cell(4, 3).value, "khordha"])
    rows.append(["Puri Person", "P-1", next(_numbers), "Collectorate, Puri"])
    rows.append(["Hari Digal", f"S-{next(_numbers)}", "9.44E9", "khordha"])
    book.save(path)
    return path


@pytest.mark.parametrize("kind", WALKS)
def test_a_post_is_made_held_handed_over_and_its_history_read(house: Daemon, chromium, kind):
    title, day = f"Nazir, {kind}", datetime.now(ZoneInfo("Asia/Kolkata"))
    with walk(chromium, house, kind, "nodal") as nodal, walk(chromium, house, kind, "holder") as holder:
        nodal.enter(PRAKASH, house.people[PRAKASH].password)
        nodal.follow("People and posts")
        nodal.follow("A new post")
        nodal.write("Designation", title)
        nodal.write("Short name", "postmaster")
        nodal.press("Add it", 400)
        nodal.reads("This name cannot be an address: take another.")
        nodal.write("Short name", f"nazir.{kind}")
        nodal.press("Add it")
        nodal.reads("The post is vacant.")
        _charge(nodal, "nobody.at.all", "GA-1", status=400)
        nodal.reads("Nobody has this name.")
        _charge(nodal, SUNITA, "GA-1")
        nodal.shows(_NAMES[SUNITA][nodal.language])

        holder.enter(SUNITA, house.people[SUNITA].password)
        holder.follow("My posts")
        holder.go(holder.link(title))
        assert holder.download(holder.link("ଓଡ଼ିଆ (PDF)")).startswith(b"%PDF-")
        holder.follow("Look into past tenures")
        holder.follow("Back")

        _charge(nodal, "abdul.rahim", "GA-2", f"{day + timedelta(days=1):%d-%m-%Y} 10:30")
        nodal.reads("to come")
        assert holder.again() == 200
        _charge(nodal, LIPIKA, "GA-3")
        until(lambda: holder.again() == 404, "the old holder is out")
        holder.reads("You hold no such post.")
        holder.look()
        nodal.write("Who held it on", f"{day:%d-%m-%Y}")
        nodal.press("Look")
        for each in (SUNITA, LIPIKA):
            expect(nodal.page.get_by_role("status")).to_contain_text(_NAMES[each][nodal.language])


def _charge(nodal: Walk, who: str, order: str, at: str = "", status: int = 200) -> None:
    nodal.write("Who", who)
    nodal.write("Number of the order", order)
    nodal.write("From", at)
    nodal.press("Enter the charge", status)
