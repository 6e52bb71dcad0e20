"""Accounts that end: seen by those who administer the office, told to whom they belong, closed at their instant."""

from datetime import timedelta

from odcore import clock
from odtest.browser import Browser

PRAKASH = "prakash.behera@odisha.example"  # nodal officer of Khordha
ABDUL = "abdul.rahim@odisha.example"  # nothing


def signed_in(house, login: str) -> Browser:
    browser = Browser(house)
    browser.sign_in(login, house.people[login].password)
    return browser


def test_who_leaves_soon_is_listed_for_ones_own_offices_alone(house):
    soon = (clock.now() + timedelta(days=50)).strftime("%Y-%m-%d")
    late = (clock.now() + timedelta(days=500)).strftime("%Y-%m-%d")
    for uid, office, day in (
        ("ends.soon", "khordha", soon),
        ("ends.late", "khordha", late),
        ("ends.puri", "puri", soon),
    ):
        house.odmail("person", "add", uid, "--family-name", uid, "--office", office, "--expires", day)
    browser = signed_in(house, PRAKASH)
    browser.get("/staff/leaving")
    assert "ends.soon" in browser.text
    assert "ends.late" not in browser.text
    assert "ends.puri" not in browser.text
    assert signed_in(house, ABDUL).get("/staff/leaving") == 403
