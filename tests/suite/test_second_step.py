"""The second step of signing in: set up, asked for, never taken twice, and reset by who administers the person."""

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest

from odtest.browser import Browser
from odtest.daemon import Daemon, until

PRAKASH = "prakash.behera@odisha.example"  # nodal officer of Khordha
RAMESH = "ramesh.pradhan@odisha.example"  # nodal officer of Puri
PASSWORD = "three blue river stones"


@pytest.fixture
def person(house: Daemon, request: pytest.FixtureRequest) -> str:
    """Somebody of Khordha of this test's own; their login."""
    uid = f"p{abs(hash(request.node.name)) % 10**9}"
    house.odmail("person", "add", uid, "--family-name", uid, "--office", "khordha")
    browser = Browser(house)
    browser.sign_in(PRAKASH, house.people[PRAKASH].password)
    browser.get(f"/staff?q={uid}")
    key = re.search(r"/staff/people/([0-9a-f-]{36})", browser.text)[1]
    browser.get(f"/staff/people/{key}")
    browser.send(f"/staff/people/{key}/code", {})
    code = re.search(r'class="secret">([a-z0-9-]+)<', browser.text)[1]
    fresh = Browser(house)
    fresh.get("/welcome")
    fresh.send("/welcome", {"code": code, "new": PASSWORD, "again": PASSWORD})
    assert fresh.url == "/sign-in"
    return uid


def signed_in(house: Daemon, login: str) -> Browser:
    browser = Browser(house)
    browser.sign_in(login, PASSWORD)
    return browser


def enrolled(house: Daemon, login: str) -> tuple[pyotp.TOTP, list[str]]:
    """An app with its secret, and the recovery codes."""
    browser = signed_in(house, login)
    browser.get("/me/second/app")
    app = pyotp.TOTP(re.search(r'class="secret">([A-Z2-7 ]+)<', browser.text)[1].replace(" ", ""))
    assert browser.send("/me/second/app", {"code": "000000"}) == 400
    until(
        lambda: browser.send("/me/second/app", {"code": app.at(time.time() - 30)}) == 200, "the code of just now fits"
    )
    return app, re.findall(r'class="secret">([a-z0-9-]{19})<', browser.text)


def test_a_code_is_asked_for_after_the_password_and_is_good_once(house, person):
    app, _ = enrolled(house, person)
    code = app.now()
    first, second = signed_in(house, person), signed_in(house, person)
    assert first.url == second.url == "/sign-in/code"
    second.get("/me")
    assert second.url.startswith("/sign-in")
    second.get("/sign-in/code")
    assert first.send("/sign-in/code", {"code": "123"}) == 401
    first.send("/sign-in/code", {"code": code})
    assert first.url == "/me"
    assert second.send("/sign-in/code", {"code": code}) == 401
    assert "used already" in second.text


def test_of_two_who_send_one_code_at_a_time_one_gets_in(house, person):
    app, _ = enrolled(house, person)
    code = app.now()
    browsers = [signed_in(house, person) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda each: each.send("/sign-in/code", {"code": code}), browsers))
    assert [each.url for each in browsers].count("/me") == 1


def test_a_recovery_code_is_good_once_and_new_ones_make_the_old_ones_void(house, person):
    _, codes = enrolled(house, person)
    assert len(codes) == 10
    browser = signed_in(house, person)
    browser.send("/sign-in/code", {"code": codes[0].upper().replace("-", " ")})
    assert browser.url == "/me"
    again = signed_in(house, person)
    assert again.send("/sign-in/code", {"code": codes[0]}) == 401
    browser.get("/me/second")
    assert "9 codes are left." in browser.text
    browser.send("/me/second/recovery", {})
    assert again.send("/sign-in/code", {"code": codes[1]}) == 401
    new = re.findall(r'class="secret">([a-z0-9-]{19})<', browser.text)
    again.send("/sign-in/code", {"code": new[0]})
    assert again.url == "/me"


def test_guessing_codes_is_slowed_down_for_whoever_has_the_password(house, person):
    enrolled(house, person)
    browser = signed_in(house, person)
    statuses = [browser.send("/sign-in/code", {"code": f"{number:06}"}) for number in range(8)]
    assert statuses[:5] == [401] * 5
    assert 429 in statuses
    assert "second-step" in house.odmail("audit", "list", "--json")


def test_the_secret_lies_sealed_and_recovery_codes_as_digests(house, person):
    app, codes = enrolled(house, person)
    database = (house.folder / "web" / "web.sqlite").read_bytes()
    assert app.secret.encode() not in database
    assert not any(code.encode() in database or code.replace("-", "").encode() in database for code in codes)
    assert (house.folder / "keys" / "web").stat().st_mode & 0o077 == 0
    assert app.secret not in (house.folder / "log").read_text()


def test_the_second_step_is_reset_by_an_administrator_of_the_office_and_no_other(house, person):
    enrolled(house, person)
    key = house.odmail("person", "show", person, "--json").split('"id": "')[1][:36]
    other = Browser(house)
    other.sign_in(RAMESH, house.people[RAMESH].password)
    other.get("/staff")
    assert other.send(f"/staff/people/{key}/second", {}) == 403
    admin = Browser(house)
    admin.sign_in(PRAKASH, house.people[PRAKASH].password)
    admin.get(f"/staff/people/{key}")
    admin.send(f"/staff/people/{key}/second", {})
    assert "The second step is reset." in admin.text
    assert signed_in(house, person).url == "/me"
    assert "second-step-reset" in house.odmail("audit", "list", "--json")


def test_the_command_line_resets_it_and_the_trail_keeps_the_reason(house, person):
    enrolled(house, person)
    house.odmail("person", "reset-second-step", person, "--reason", "lost phone, seen in person")
    assert signed_in(house, person).url == "/me"
    [told] = json.loads(house.odmail("audit", "list", person, "--event", "second-step-reset", "--json"))
    assert (told["actor"][:4], told["facts"]) == ("cli:", {"reason": "lost phone, seen in person"})


def test_members_of_a_group_must_set_one_up_before_anything_else(house, person):
    house.odmail("group", "add", "portal.two-steps", "--name", "Two steps", "--member", person)
    browser = signed_in(house, person)
    browser.get("/me/devices")
    assert browser.url == "/me/second"
    assert "Set one up to go on." in browser.text
    enrolled(house, person)
    assert signed_in(house, person).url == "/sign-in/code"


def test_the_password_is_asked_again_by_a_page_that_leads_to_no_other_site(house, person):
    browser = signed_in(house, person)
    browser.get("/confirm?next=/me/second")
    assert browser.send("/confirm?next=/me/second", {"password": "wrong"}) == 400
    browser.send("/confirm?next=/me/second", {"password": PASSWORD})
    assert browser.url == "/me/second"
    browser.get("/confirm")
    browser.send("/confirm?next=https://evil.example/", {"password": PASSWORD})
    assert browser.url == "/me"
