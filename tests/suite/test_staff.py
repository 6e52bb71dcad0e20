"""People and posts in the hands of those who administer them: what they may change, and whom they may not touch."""

import json
import re
import sqlite3

import pytest

from odtest.browser import Browser
from odtest.daemon import Daemon
from odtest.portrait import portrait

PRAKASH = "prakash.behera@odisha.example"  # nodal officer of Khordha
RAMESH = "ramesh.pradhan@odisha.example"  # nodal officer of Puri
ANJALI = "anjali.mohanty@odisha.example"  # administers everything
ABDUL = "abdul.rahim@odisha.example"  # nothing


def signed_in(house: Daemon, login: str) -> Browser:
    browser = Browser(house)
    browser.sign_in(login, house.people[login].password)
    return browser


def somebody(house: Daemon, uid: str, *more: str) -> str:
    """A new person of Khordha; their id."""
    return house.odmail("person", "add", uid, "--family-name", uid, "--office", "khordha", *more).split()[1]


def test_a_search_finds_people_and_posts_of_ones_own_offices_and_no_others(house):
    browser = signed_in(house, PRAKASH)
    browser.get("/staff?q=khordha")
    assert "collector.khordha@odisha.example" in browser.text
    browser.get("/staff?q=hembram")
    assert "sunita.hembram@odisha.example" in browser.text
    browser.get("/staff?q=majhi")
    assert "arjun.majhi" not in browser.text
    assert "Nobody in your offices is called so." in browser.text


@pytest.mark.parametrize("text", ["*", "*)(uid=*", "\\2a", "%00aa", "<script>alert(1)</script>"])
def test_a_search_is_for_text_and_never_a_filter(house, text):
    browser = signed_in(house, PRAKASH)
    assert browser.get("/staff?" + "q=" + text.replace("<", "%3C").replace(">", "%3E").replace(" ", "+")) == 200
    assert "sunita.hembram" not in browser.text
    assert "<script>alert" not in browser.text


def test_a_person_is_edited_disabled_and_enabled(house):
    key = somebody(house, "staff.one")
    browser = signed_in(house, PRAKASH)
    browser.get(f"/staff/people/{key}")
    office = re.search(r'<option value="([0-9a-f-]{36})" selected', browser.text)[1]
    given = {"name": "Staff <b>One</b>", "title": "Clerk", "mobile": "09437222201", "office": office}
    given |= {"telephone": "0674-2322222", "home_phone": "0674-2300001", "unlisted": "on"}
    browser.send(f"/staff/people/{key}", given | {"uid": "root", "quota": "1", "contractor": "1"})
    assert "Changed." in browser.text
    assert "<b>One" not in browser.text
    shown = house.odmail("person", "show", key, "--json")
    assert '"+919437222201"' in shown
    assert '"uid": "staff.one"' in shown
    assert '"contractor": false' in shown
    assert '"telephone": "0674-2322222"' in shown
    assert '"home_phone": ""' in shown  # which a nodal officer does not see
    admin = signed_in(house, ANJALI)
    admin.get(f"/staff/people/{key}")
    admin.send(f"/staff/people/{key}", given)
    assert '"home_phone": "0674-2300001"' in house.odmail("person", "show", key, "--json")
    assert '"unlisted": true' in shown
    for word in ("disabled", "active"):
        browser.send(f"/staff/people/{key}/state", {"state": word})
        assert f'"state": "{word}"' in house.odmail("person", "show", key, "--json")
    assert browser.send(f"/staff/people/{key}/state", {"state": "root"}) == 400


def test_a_code_sets_a_password_once_and_nobody_else_has_seen_it(house):
    key = somebody(house, "staff.two")
    admin = signed_in(house, PRAKASH)
    admin.get(f"/staff/people/{key}")
    admin.send(f"/staff/people/{key}/code", {})
    code = re.search(r'class="secret">([a-z0-9-]+)<', admin.text)[1]
    person = Browser(house)
    person.get("/welcome")
    assert (
        person.send("/welcome", {"code": "aaaa-aaaa", "new": "a river and a hill", "again": "a river and a hill"})
        == 400
    )
    assert person.send("/welcome", {"code": code, "new": "short", "again": "short"}) == 400
    own = "staff.two@odisha.example"
    assert person.send("/welcome", {"code": code, "new": own, "again": own}) == 400
    person.send("/welcome", {"code": code, "new": "a river and a hill", "again": "a river and a hill"})
    assert person.url == "/sign-in"
    assert person.sign_in("staff.two", "a river and a hill") == 200
    assert person.url == "/me"
    again = Browser(house)
    again.get("/welcome")
    assert again.send("/welcome", {"code": code, "new": "another long one", "again": "another long one"}) == 400
    lines = str(house.log_lines())
    assert code not in lines
    assert "a river and" not in lines


def test_a_code_is_for_nobody_who_was_disabled(house):
    key = somebody(house, "staff.three")
    admin = signed_in(house, PRAKASH)
    admin.get(f"/staff/people/{key}")
    admin.send(f"/staff/people/{key}/code", {})
    code = re.search(r'class="secret">([a-z0-9-]+)<', admin.text)[1]
    house.odmail("person", "disable", key)
    person = Browser(house)
    person.get("/welcome")
    assert person.send("/welcome", {"code": code, "new": "a river and a hill", "again": "a river and a hill"}) == 400


@pytest.mark.parametrize("login", [ABDUL, RAMESH])
def test_nobody_touches_people_and_posts_of_other_offices(house, login):
    person = house.odmail("person", "show", "sunita.hembram", "--json").split('"id": "')[1][:36]
    browser = signed_in(house, login)
    browser.get("/me/devices")
    page = browser.text
    for path in (f"/staff/people/{person}", "/staff/people/sunita.hembram", "/staff/posts/collector.khordha"):
        assert browser.get(path) == 403
        browser.text = page
        assert browser.send(path, {"name": "x", "to": login, "order": "1", "kind": "regular"}) == 403
    for path in (f"/staff/people/{person}/state", f"/staff/people/{person}/code"):
        browser.text = page
        assert browser.send(path, {"state": "disabled"}) == 403


def test_nobody_becomes_more_by_a_code_for_somebody_who_administers_more(house):
    somebody(house, "staff.chief")
    house.odmail("group", "edit", "portal.admins", "--join", "staff.chief")
    browser = signed_in(house, PRAKASH)
    assert browser.get("/staff/people/staff.chief") == 403
    browser.get("/me/devices")
    assert browser.send("/staff/people/staff.chief/code", {}) == 403
    assert signed_in(house, ANJALI).get("/staff/people/staff.chief") == 200


def test_a_post_is_handed_over_and_its_history_is_told(house):
    house.odmail("post", "add", "staff.post", "--title", "Nazir, Khordha", "--office", "khordha")
    browser = signed_in(house, PRAKASH)
    browser.get("/staff/posts/staff.post")
    assert "The post is vacant." in browser.text
    path = browser.url
    browser.send(path, {"to": "sunita.hembram", "order": "<i>GA-9", "kind": "regular", "at": ""})
    assert "Sunita Hembram" in browser.text
    assert "&lt;i&gt;GA-9" in browser.text
    browser.send(browser.url, {"to": "lipika.sahoo", "order": "GA-10", "kind": "additional", "how": "beside", "at": ""})
    assert '"additional"' in house.odmail("post", "show", "staff.post", "--json")
    browser.send(browser.url, {"to": "nobody.here", "order": "GA-11", "kind": "regular"})
    assert "Nobody has this name." in browser.text
    browser.send(path, {"to": "arjun.majhi", "order": "GA-11", "kind": "regular", "at": "01-01-2020 10:00"})
    assert "This day has passed." in browser.text
    browser.get(f"{path}?day=01-01-2099")
    assert re.search(r"01-01-2099: <strong>", browser.text)
    browser.get(f"{path}?day=01-01-2020")
    assert "01-01-2020: nobody" in browser.text


def test_who_was_not_seen_for_long_is_listed_and_disabled_by_who_administers_the_office(house):
    lost, found = somebody(house, "staff.lost"), somebody(house, "staff.found")
    browser = signed_in(house, PRAKASH)
    browser.get("/staff/dormant")
    assert lost not in browser.text
    with sqlite3.connect(house.folder / "audit" / "uses.sqlite", timeout=20) as uses:
        uses.executemany(
            "INSERT INTO device_use VALUES (?, '', ?, '192.0.2.1', 'web', '')",
            [(lost, "2025-01-01T00:00:00+00:00"), (found, "2025-01-01T00:00:00+00:00")],
        )
    browser.get("/staff/dormant")
    assert lost in browser.text
    assert "01-01-2025" in browser.text
    sunita = house.odmail("person", "show", "sunita.hembram", "--json")
    browser.send("/staff/dormant?days=30", {"person": [lost, re.search(r'"id": "([0-9a-f-]{36})"', sunita)[1]]})
    assert "1 account is disabled." in browser.text
    assert (lost in browser.text, found in browser.text) == (False, True)
    assert '"active"' in house.odmail("person", "show", "sunita.hembram", "--json")
    assert '"disabled"' in house.odmail("person", "show", "staff.lost", "--json")
    puri = signed_in(house, RAMESH)
    puri.get("/staff/dormant")
    assert found not in puri.text
    puri.send("/staff/dormant", {"person": [found]})
    assert "staff.found" in house.odmail("person", "dormant")
    house.odmail("person", "dormant", "--disable", "--yes")
    assert '"disabled"' in house.odmail("person", "show", "staff.found", "--json")
    assert signed_in(house, ABDUL).get("/staff/dormant") == 403


def test_a_photograph_is_set_by_oneself_or_ones_nodal_officer_and_shown_in_the_directory(house):
    key = somebody(house, "staff.photo")
    officer = signed_in(house, PRAKASH)
    path = f"/staff/people/{key}/photo"
    assert officer.get(f"{path}.jpg") == 404
    officer.get(path)
    assert officer.upload(path, {}, "me.jpg", b"<svg onload=alert(1)>") == 400
    assert officer.get(path) == 200
    officer.upload(path, {}, "me.svg", portrait("PNG"))
    assert "The directory shows this photograph now." in officer.text
    assert f'src="{path}.jpg"' in officer.text
    assert officer.get(f"{path}.jpg") == 200
    assert (officer.headers["Content-Type"], officer.octets[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    assert signed_in(house, ABDUL).get(f"{path}.jpg") == 403
    assert officer.get("/staff/people/arjun.majhi/photo") == 403
    own = signed_in(house, ABDUL)
    own.get("/me/photo")
    own.upload("/me/photo", {}, "me.jpg", portrait())
    assert own.get("/me/photo.jpg") == 200
    own.get("/me/photo")
    own.send("/me/photo", {"remove": "1"})
    assert own.get("/me/photo.jpg") == 404
    told = json.loads(house.odmail("audit", "list", "abdul.rahim", "--json"))
    assert [each["event"] for each in told if "photo" in each["event"]] == ["person-photo-set", "person-photo-removed"]
