"""Every page that a person comes to by links: for everybody, in three languages, on a phone and on a desk."""

import json
import os
import re
import sqlite3
from pathlib import Path

import pytest

from odmail.delivery.unsubscribing import Unsubscribing
from odtest.browser import Browser
from odtest.chromium import DESKTOP, LANGUAGES, PHONE, Window, window
from odtest.daemon import Daemon, until

SUNITA = "sunita.hembram@odisha.example"  # an officer
SASMITA = "sasmita.nayak@odisha.example"  # holds a post
PRAKASH = "prakash.behera@odisha.example"  # nodal officer
ANJALI = "anjali.mohanty@odisha.example"  # administers everything
PEOPLE = ("", SUNITA, SASMITA, PRAKASH, ANJALI)

_STARTS = {
    "": ["/sign-in", "/nowhere", "/apply", "/apply/status"],
    PRAKASH: ["/me", "/staff?q=khordha"],
    ANJALI: ["/me", "/staff?q=majhi"],
}
_DEVICES = ("android", "thunderbird", "outlook", "other", "drive-windows", "drive-macos", "drive-linux")
_KEY = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)\d+|(?<=/me/setup/)[a-z-]+")
_PICTURES = os.environ.get("ODMAIL_PICTURES", "")
"""A folder for a picture of every page."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("login", PEOPLE, ids=lambda login: login.partition(".")[0] or "nobody")
def test_every_page_can_be_read_and_used(house: Daemon, chromium, login, language):
    if login == PRAKASH:
        _sheet(house)
        if language == "en":
            _absent(house)
    with window(chromium, house, language) as opened:
        if login:
            opened.sign_in(login, house.people[login].password)
        seen = {"/"}  # which leads on
        ahead = list(_STARTS.get(login, ["/me"]))
        if not login:
            ahead.append(_link(house))
        if login == SASMITA and language == "en":
            ahead.insert(0, _tenure(house))
        while ahead:
            path = ahead.pop(0)
            kind = _KEY.sub("*", path.partition("?")[0])
            if kind not in seen:
                seen.add(kind)
                _judge(opened, path, language, f"{login.partition('.')[0]}{kind}")
                ahead += opened.links()
        assert len(seen) >= (5 if login else 4), seen


def test_the_settings_of_each_device_can_be_read_and_copied(house: Daemon, chromium):
    with window(chromium, house, "or") as opened:
        opened.sign_in(SASMITA, house.people[SASMITA].password)
        for kind in _DEVICES:
            opened.open(f"/me/setup/{kind}")
            opened.page.get_by_role("combobox").select_option(index=1)
            with opened.page.expect_navigation():
                opened.page.click("main .button")
            for size, scheme in ((PHONE, "light"), (DESKTOP, "dark")):
                opened.fits(size, scheme)
                _picture(opened, f"ready-{kind}-{scheme}")
            opened.judge()
        opened.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=opened.base)
        for row in (1, 2):
            opened.page.locator("[data-copy]").nth(row).click()
            opened.page.locator("[data-copy]").nth(row).get_by_text("ନକଲ ହେଲା").wait_for()
            shown = opened.page.locator(".facts-copy dd").nth(2 * row).inner_text()
            assert opened.page.evaluate("navigator.clipboard.readText()") == shown


def _judge(opened: Window, path: str, language: str, name: str) -> None:
    opened.open(path)
    if path == "/nowhere":  # the browser says so on its console
        opened.wrong = [each for each in opened.wrong if "status of 404" not in each]
    assert opened.page.evaluate("document.documentElement.lang") == language, path
    for size, scheme in ((PHONE, "light"), (DESKTOP, "dark")):
        opened.fits(size, scheme)
        opened.judge()
        _picture(opened, f"{name.replace('/', '_')}-{language}-{scheme}")
    if language == "en":
        _by_keyboard(opened)


def _picture(opened: Window, name: str) -> None:
    if _PICTURES:
        opened.page.screenshot(path=Path(_PICTURES) / f"{name}.png", full_page=True)


def _by_keyboard(opened: Window) -> None:
    opened.reach(".skip", 1)
    if opened.page.query_selector("main .button"):
        opened.reach("main .button")


def _absent(house: Daemon) -> None:
    """So that somebody has not signed in for long."""
    key = json.loads(house.odmail("person", "show", SUNITA, "--json"))["id"]
    with sqlite3.connect(house.folder / "audit" / "uses.sqlite", timeout=20) as uses:
        uses.execute("DELETE FROM device_use WHERE person = ?", (key,))
        uses.execute("INSERT INTO device_use VALUES (?, '', '2025-01-01T00:00:00+00:00', '', 'web', '')", (key,))


def _link(house: Daemon) -> str:
    """As it stands in the mail of a list."""
    made = Unsubscribing(house.folder / "keys" / "unsubscribe", lambda: "https://x")
    return made.link("all@odisha.example", "far@elsewhere.example").removeprefix("https://x")


def _tenure(house: Daemon) -> str:
    """The page of a post where one has ended, and is sealed."""
    house.odmail("post", "add", "old.post", "--title", "Old post", "--office", "khordha")
    for holder, order, at in (("bibhuti.das", "GA-1", "2026-01-01"), ("sasmita.nayak", "GA-2", "2026-02-01")):
        house.odmail("post", "handover", "old.post", "--to", holder, "--order", order, "--at", at)
    until(lambda: "GA-1" in house.odmail("post", "archive", "list", "old.post"), house.tail)
    return "/posts/" + json.loads(house.odmail("post", "show", "old.post", "--json"))["id"] + "/tenures"


def _sheet(house: Daemon) -> None:
    """So that there is a page of one."""
    browser = Browser(house)
    browser.sign_in(PRAKASH, house.people[PRAKASH].password)
    browser.get("/sheets")
    office = re.search(r'<option value="([0-9a-f-]{36})"[^>]*>Collectorate', browser.text)[1]
    rows = "Name,HRMS ID,Mobile,Office\nMili Parida,B-1,9437111991,khordha\nLili Parida,B-2,9.4E9,khordha\n"
    assert browser.upload("/sheets", {"office": office}, "ଖୋର୍ଦ୍ଧା <b>.csv", rows.encode()) == 200
