"""What attackers try on the pages (A34, A37, A43, P24): each time in the same words, and nothing changes."""

import json
import re
import statistics
import time
import urllib.parse

import pytest

from odtest.browser import Browser
from odtest.daemon import Daemon, until
from odtest.pages import routes

SASMITA = "sasmita.nayak@odisha.example"
BIBHUTI = "bibhuti.das@odisha.example"
PRAKASH = "prakash.behera@odisha.example"  # nodal officer of Khordha
NOWHERE = "00000000-0000-4000-8000-000000000000"
EVIL = '"><script>alert(1)</script>{{7*7}}'

FOR_PROGRAMS = ("/api/", "/index.php/login/v2", "/unsubscribe")
"""No cookie counts there: a token in the header, the body or the address is all that does."""

FORMS = [path for path in routes() if not path.startswith(FOR_PROGRAMS)] + [f"/index.php/login/v2/flow/{NOWHERE}"]

OPEN = ("/apply", "/forgot", "/language", "/sign-in", "/sign-out", "/welcome")
"""For who is not signed in."""

ADMINISTRATION = (
    "/administration",
    "/applications",
    "/audit",
    "/domains",
    "/lists",
    "/offices",
    "/queue",
    "/quotas",
    "/reports",
    "/sheets",
    "/staff",
    "/trace",
)


def signed_in(house: Daemon, login: str) -> Browser:
    browser = Browser(house)
    browser.sign_in(login, house.people[login].password)
    return browser


def key_of(house: Daemon, kind: str, name: str) -> str:
    return json.loads(house.odmail(kind, "show", name, "--json"))["id"]


def test_no_form_is_taken_without_its_token(house: Daemon):
    browser = signed_in(house, PRAKASH)
    for path in FORMS:
        browser.text = ""
        assert browser.send(path, {}) == 403, path
        assert "no longer valid" in browser.text, path


def test_following_a_link_changes_nothing(house: Daemon):
    browser = signed_in(house, PRAKASH)
    browser.get("/me")
    before = house.odmail("audit", "list")
    for path in FORMS:
        assert browser.get(path) < 500, path
    assert house.odmail("audit", "list") == before


def test_who_is_not_signed_in_sees_nothing_and_changes_nothing(house: Daemon):
    browser = Browser(house)
    for path in FORMS:
        if path != "/" and not path.startswith(OPEN):
            browser.get("/sign-in")
            assert browser.send(path, {}) == 405 or browser.url.startswith("/sign-in"), path
            assert browser.get(path) == 405 or browser.url.startswith("/sign-in"), path


def test_who_administers_nothing_sees_no_page_of_the_administration(house: Daemon):
    browser = signed_in(house, SASMITA)
    for path in [each for each in FORMS if each.startswith(ADMINISTRATION)]:
        assert browser.get(path) in (403, 405), path
        browser.get("/me")
        assert browser.send(path, {}) in (403, 405), path


def test_a_form_from_another_site_is_refused_although_it_has_a_token(house: Daemon):
    browser = signed_in(house, SASMITA)
    browser.get("/me/devices")
    assert browser.send("/me/devices", {"name": "x", "scopes": ["mail"]}, Origin="https://evil.example") == 403


def test_what_is_of_another_office_or_person_cannot_be_seen_or_changed(house: Daemon):
    person, post = key_of(house, "person", BIBHUTI), key_of(house, "post", "collector.puri")
    for login, refused in ((PRAKASH, 403), (SASMITA, 403)):
        browser = signed_in(house, login)
        for path in (f"/staff/people/{person}", f"/staff/posts/{post}"):
            assert browser.get(path) == refused, path
            assert BIBHUTI not in browser.text
        browser.get("/me")
        for act in ("", "/state", "/code", "/second", "/photo"):
            path = f"/staff/people/{person}{act}"
            assert browser.send(path, {"state": "disabled", "name": "x", "remove": "1"}) == refused, path
        for path in (f"/quotas/{person}", f"/quotas/{post}", "/offices/puri", "/lists/all.collectors"):
            assert browser.send(path, {"quota": "1", "name": "x", "senders": "inside"}) == refused, path
        assert (
            browser.send(f"/staff/posts/{post}", {"to": "prakash.behera", "order": "1", "kind": "regular"}) == refused
        )
    assert '"state": "active"' in house.odmail("person", "show", BIBHUTI, "--json")


@pytest.mark.parametrize("path", ["/sign-in", "/me/sessions", "/staff?q=", "/forgot"])
@pytest.mark.parametrize(
    "header", ["X-Forwarded-Host", "X-Forwarded-Server", "Forwarded", "X-Original-URL", "X-Rewrite-URL"]
)
def test_who_we_are_is_told_by_no_header(house: Daemon, path, header):
    browser = Browser(house)
    plain = browser.get(path)
    assert browser.get(path, **{header: "evil.example"}) == plain
    assert "evil.example" not in browser.text + str(browser.headers)


@pytest.mark.parametrize(
    "onward",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "http:evil.example", "\thttps://evil.example"],
)
@pytest.mark.parametrize("page", ["language", "confirm"])
def test_no_page_leads_to_another_site(house: Daemon, onward, page):
    browser = signed_in(house, SASMITA)
    browser.get("/confirm")
    if page == "language":
        browser.send("/language", {"language": "en", "next": onward})
    else:
        path = "/confirm?" + urllib.parse.urlencode({"next": onward})
        browser.send(path, {"password": house.people[SASMITA].password})
    assert browser.url in ("/", "/me", "/language"), browser.url


def test_text_stays_text_in_every_field_that_is_shown_again(house: Daemon):
    key = house.odmail("person", "add", "evil.one", "--family-name", "One", "--office", "khordha").split()[1]
    nodal = signed_in(house, PRAKASH)
    nodal.get(f"/staff/people/{key}")
    office = re.search(r'<option value="([0-9a-f-]{36})" selected', nodal.text)[1]
    nodal.send(f"/staff/people/{key}", {"name": EVIL, "title": EVIL, "mobile": EVIL, "office": office})
    shown = [nodal.text]
    nodal.send(f"/staff/people/{key}", {"name": EVIL, "title": EVIL, "mobile": "", "office": office})
    shown.append(nodal.text)
    for path in (f"/staff/people/{key}", "/staff?q=alert", "/staff?" + urllib.parse.urlencode({"q": EVIL})):
        nodal.get(path)
        shown.append(nodal.text)
    for path, fields in (
        ("/me/filters/rule", {"field": "subject", "text": EVIL, "act": "folder", "target": EVIL}),
        ("/me/filters/away", {"first": EVIL, "last": EVIL, "inside": EVIL, "outside": EVIL}),
        ("/me/delegates", {"of": EVIL, "who": EVIL, "powers": [EVIL], "until": EVIL}),
        ("/welcome", {"code": EVIL, "new": EVIL, "again": EVIL}),
        (
            f"/staff/posts/{key_of(house, 'post', 'collector.khordha')}",
            {"to": EVIL, "order": EVIL, "at": EVIL, "kind": EVIL},
        ),
    ):
        nodal.get("/me")
        nodal.send(path, fields)
        shown.append(nodal.text)
    nodal.send("/me/filters/remove", {"what": "0"})
    other = Browser(house)
    other.get("/sign-in", User_Agent=EVIL)
    other.send("/sign-in", {"login": EVIL, "password": EVIL}, User_Agent=EVIL)
    shown.append(other.text)
    other.send("/sign-in", {"login": PRAKASH, "password": house.people[PRAKASH].password}, User_Agent=EVIL)
    other.get("/me/sessions")
    shown.append(other.text)
    assert not any("<script>alert" in text or "&gt;49" in text for text in shown)
    assert sum("&lt;script&gt;alert(1)" in text for text in shown) > 6


@pytest.mark.parametrize(
    "login", ["*", "sasmita*", "sasmita.nayak)(uid=*", "*)(objectClass=*", "\\2a", "x,ou=people", "\x00", "#x", " "]
)
def test_a_name_is_never_a_filter(house: Daemon, login):
    browser = Browser(house)
    assert browser.sign_in(login, house.people[SASMITA].password) == 401
    browser.get("/forgot")
    assert browser.send("/forgot", {"login": login}) in (200, 400, 429)


def test_a_session_key_from_elsewhere_is_not_taken(house: Daemon):
    browser = Browser(house)
    browser.get("/sign-in", Cookie="__Host-session=chosenbytheattackerchosenbyatta1")
    browser.send("/sign-in", {"login": SASMITA, "password": house.people[SASMITA].password})
    assert browser.cookie("__Host-session") not in ("", "chosenbytheattackerchosenbyatta1")
    stranger = Browser(house)
    stranger.get("/me", Cookie="__Host-session=chosenbytheattackerchosenbyatta1")
    assert stranger.url.startswith("/sign-in")


def test_a_session_that_was_there_before_signing_in_opens_nothing_afterwards(house: Daemon):
    """One the server made itself, which the attacker put into another's browser."""
    browser = Browser(house)
    browser.get("/forgot")
    browser.send("/forgot", {"login": "nobody.before"})
    foisted = browser.cookie("__Host-session")
    browser.sign_in(SASMITA, house.people[SASMITA].password)
    assert browser.url == "/me"
    stranger = Browser(house)
    stranger.get("/me", Cookie=f"__Host-session={foisted}")
    assert foisted
    assert stranger.url.startswith("/sign-in")


def test_unknown_and_known_names_take_the_same_time(house: Daemon):
    times: dict[str, list[float]] = {"unknown": [], "known": []}
    for number in range(4):  # few enough that nothing is throttled
        for kind, login in (("unknown", f"nobody{number}"), ("known", "sujata.panda")):
            browser = Browser(house)
            browser.get("/sign-in")
            began = time.monotonic()
            assert browser.send("/sign-in", {"login": login, "password": f"wrong {number}"}) == 401
            times[kind].append(time.monotonic() - began)
    unknown, known = (statistics.median(times[kind]) for kind in ("unknown", "known"))
    assert 1 / 4 < unknown / known < 4, times


def test_a_forgotten_password_is_set_by_a_code_to_the_mobile_and_nobody_learns_who_has_one(house: Daemon):
    number = "+919437555101"
    key = house.odmail("person", "add", "forgetful.one", "--family-name", "One", "--office", "khordha").split()[1]
    house.odmail("person", "edit", key, "--mobile", number)
    answers, browsers = [], []
    for login in ("forgetful.one", "nobody.at.all", SASMITA):
        browser = Browser(house)
        browser.get("/forgot")
        browser.send("/forgot", {"login": login})
        answers.append((browser.status, browser.url, re.sub(r'value="[^"]*"', "", browser.text)))
        browsers.append(browser)
    assert answers[0] == answers[1] == answers[2]
    for login in ("forgetful.one", "nobody.at.all"):  # a second name of who has just had a code
        browser = Browser(house)
        browser.get("/forgot")
        browser.send("/forgot", {"login": f"{login}@odisha.example"})
        assert (browser.status, browser.url) == (200, "/forgot/code"), login

    def code() -> str:
        found = json.loads(house.odmail("outbox", "list", "--to", number, "--json"))
        return re.search(r"\d{6}", found[-1]["text"])[0] if found else ""

    right, new = until(code, "the code is sent"), "seven quiet river stones"
    fields = {"code": right, "new": new, "again": new}
    assert browsers[1].send("/forgot/code", fields) == 400  # the code is for its own name
    assert browsers[0].send("/forgot/code", fields | {"code": f"{(int(right) + 1) % 10**6:06}"}) == 400
    browsers[0].send("/forgot/code", fields)
    assert browsers[0].url == "/sign-in"
    assert browsers[1].get("/me") == 200
    signed = Browser(house)
    signed.sign_in("forgetful.one", new)
    assert signed.url == "/me"
