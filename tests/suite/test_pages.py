"""Pages as the installed suite serves them: signing in, my devices, my sessions, and what must not work."""

import imaplib
import plistlib
import re
import subprocess

import pytest

from odtest.browser import Browser
from odtest.daemon import until

SASMITA = "sasmita.nayak@odisha.example"
BIBHUTI = "bibhuti.das@odisha.example"
COLLECTOR = "collector.khordha@odisha.example"


@pytest.fixture
def browser(house) -> Browser:
    return Browser(house)


def signed_in(house, login: str = SASMITA) -> Browser:
    browser = Browser(house)
    browser.sign_in(login, house.people[login].password)
    assert browser.url == "/me"
    return browser


def device(browser: Browser, **fields) -> str:
    """Make a device password; its secret."""
    browser.get("/me/devices")
    browser.send("/me/devices", {"name": "Phone", "account": "", "scopes": ["mail"], "life": "30"} | fields)
    return re.search(r'class="secret">([a-z0-9-]+)<', browser.text)[1]


def test_a_person_signs_in_with_a_bare_name_and_sees_addresses_and_posts(house, browser):
    browser.sign_in("sasmita.nayak", house.people[SASMITA].password)
    assert (browser.status, browser.url) == (200, "/me")
    assert SASMITA in browser.text
    assert "collector.khordha@odisha.example" in browser.text


@pytest.mark.parametrize("login", [SASMITA, "nobody.here@odisha.example"])
def test_a_wrong_password_and_an_unknown_name_say_the_same(browser, login):
    assert browser.sign_in(login, "not the password") == 401
    assert "The name or the password is wrong." in browser.text
    assert browser.get("/me") == 200
    assert browser.url.startswith("/sign-in")


def test_who_asked_for_a_page_gets_there_after_signing_in(house, browser):
    browser.get("/me/sessions")
    assert browser.url == "/sign-in?next=%2Fme%2Fsessions"
    browser.send(browser.url, {"login": SASMITA, "password": house.people[SASMITA].password})
    assert browser.url == "/me/sessions"


@pytest.mark.parametrize(
    "onward", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_signing_in_leads_to_no_other_site(house, browser, onward):
    browser.sign_in(SASMITA, house.people[SASMITA].password, onward)
    assert browser.url == "/me"


def test_signing_in_gives_the_session_a_new_key_and_signing_out_ends_it(house, browser):
    browser.get("/sign-in")
    before = browser.cookie("__Host-session")
    browser.send("/sign-in", {"login": SASMITA, "password": house.people[SASMITA].password})
    during = browser.cookie("__Host-session")
    assert during not in ("", before)
    browser.send("/sign-out", {})
    browser.get("/me", Cookie=f"__Host-session={during}")
    assert browser.url.startswith("/sign-in")


def test_a_form_without_its_token_changes_nothing(house):
    browser = signed_in(house)
    browser.text = ""
    assert browser.send("/me/devices", {"name": "Phone", "scopes": ["mail"]}) == 403
    assert "no longer valid" in browser.text


def test_a_device_password_opens_the_mailbox_until_it_is_revoked(house):
    browser = signed_in(house)
    secret = device(browser)
    client = house.imap(SASMITA, secret)
    until(lambda: browser.get("/me/devices") == 200 and "127.0.0.1" in browser.text, "the last use is shown")
    name = re.search(r"/me/devices/(\w+)/revoke", browser.text)
    browser.get("/me/devices")
    browser.send(f"/me/devices/{secret[:4]}/revoke", {})
    assert name
    assert browser.url == "/me/devices"

    def ended() -> bool:
        try:
            client.noop()
        except imaplib.IMAP4.abort:
            return True
        return False

    until(ended, "the device's connection ends", 6)
    with pytest.raises(imaplib.IMAP4.error):
        house.imap(SASMITA, secret)


def test_a_device_password_can_be_for_a_post_one_holds_and_for_no_other(house):
    browser = signed_in(house)
    browser.get("/me/devices")
    post = re.search(r'<option value="([0-9a-f-]{36})">Collector', browser.text)[1]
    secret = device(browser, account=post)
    client = imaplib.IMAP4_SSL("localhost", house.ports["imaps"], ssl_context=house.tls(), timeout=20)
    assert client.login("collector.khordha@odisha.example", secret)[0] == "OK"
    other = signed_in(house, BIBHUTI)
    other.get("/me/devices")
    assert other.send("/me/devices", {"name": "x", "account": post, "scopes": ["mail"], "life": ""}) == 400


def test_what_people_type_is_text_and_never_markup(house):
    browser = signed_in(house)
    device(browser, name="<script>alert(1)</script>")
    assert "<script>alert" not in browser.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in browser.text


def test_one_may_end_ones_own_sessions_and_nobody_elses(house):
    mine, other = signed_in(house), signed_in(house, BIBHUTI)
    second = signed_in(house)
    mine.get("/me/sessions")
    numbers = re.findall(r"/me/sessions/(\d+)/end", mine.text)
    assert numbers
    other.get("/me/sessions")
    for number in numbers:
        other.send(f"/me/sessions/{number}/end", {})
    second.get("/me")
    assert second.url == "/me"
    mine.get("/me/sessions")
    for number in numbers:
        mine.get("/me/sessions")
        mine.send(f"/me/sessions/{number}/end", {})
    second.get("/me")
    assert second.url.startswith("/sign-in")


@pytest.mark.parametrize(("language", "word"), [("or", "ସାଇନ୍ ଇନ୍"), ("hi", "साइन इन"), ("en", "Sign in")])
def test_each_page_can_be_read_in_three_languages(browser, language, word):
    browser.get("/sign-in")
    browser.send("/language", {"language": language, "next": "/sign-in"})
    assert browser.url == "/sign-in"
    assert f'lang="{language}"' in browser.text
    assert ">English<" in browser.text  # each by its own name
    assert f"<h1>{word}" in browser.text


def test_a_page_takes_nothing_from_elsewhere_and_lets_nobody_frame_it(browser):
    browser.get("/sign-in")
    policy = browser.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r'(src|href|action)="(https?:)?//', browser.text)
    assert "<script>" not in browser.text
    assert 'style="' not in browser.text


def test_a_name_that_is_not_ours_in_host_is_refused(browser):
    assert browser.get("/sign-in", Host="evil.example") == 400


def test_a_page_that_is_not_there_says_so_in_a_page(browser):
    assert browser.get("/nowhere") == 404
    assert "There is no such page." in browser.text


def test_styles_are_kept_by_the_browser_and_have_their_digest_in_their_name(browser):
    browser.get("/sign-in")
    path = re.search(r'href="(/static/odweb/page\.[0-9a-f]{12}\.css)"', browser.text)[1]
    assert browser.get(path) == 200
    assert "immutable" in browser.headers["Cache-Control"]


def test_a_profile_for_apple_is_signed_and_its_password_opens_the_mailbox(house, tmp_path):
    browser = signed_in(house)
    browser.get("/me/setup/apple")
    browser.send("/me/setup/apple", {"name": "Phone", "account": ""})
    octets = browser.octets
    (tmp_path / "profile").write_bytes(octets)
    options = ["-inform", "DER", "-CAfile", str(house.authority), "-purpose", "any"]
    done = subprocess.run(
        ["openssl", "cms", "-verify", *options, "-in", str(tmp_path / "profile")],
        capture_output=True,
        timeout=30,
        check=True,
    )
    mail = plistlib.loads(done.stdout)["PayloadContent"][0]
    assert house.imap(mail["IncomingMailServerUsername"], mail["IncomingPassword"]).noop()[0] == "OK"


def test_a_set_up_device_opens_what_it_is_for_in_a_post_held_and_nothing_else(house):
    browser = signed_in(house)
    browser.get("/me/setup/thunderbird")
    post = re.search(r'<option value="([0-9a-f-]{36})">Collector', browser.text)[1]
    given = {}
    for kind in ("thunderbird", "drive-linux"):
        browser.get(f"/me/setup/{kind}")
        assert browser.send(f"/me/setup/{kind}", {"name": "Desk", "account": post}) == 200
        given[kind] = re.search(r'class="secret">([a-z0-9-]+)<', browser.text)[1]
        assert ("dc=odisha,dc=example" in browser.text) is (kind == "thunderbird"), "the directory's base"
        browser.get(f"/me/setup/{kind}")
        assert given[kind] not in browser.text
    assert house.imap(COLLECTOR, given["thunderbird"]).noop()[0] == "OK"
    with pytest.raises(imaplib.IMAP4.error):
        house.imap(COLLECTOR, given["drive-linux"])

    browser.get(f"/me/setup/drive/drive.cmd?account={post}")
    assert f'/user:"{COLLECTOR}"' in browser.text
    stranger = signed_in(house, BIBHUTI)
    assert stranger.get(f"/me/setup/drive/drive.cmd?account={post}") == 404
    stranger.get("/me/setup/thunderbird")
    assert stranger.send("/me/setup/thunderbird", {"name": "Desk", "account": post}) == 400
    assert stranger.get("/me/setup/toaster") == 404


LIPIKA = "lipika.sahoo@odisha.example"
NEW = "four quiet words 2026"


def test_a_changed_password_ends_what_used_the_old_one_and_not_this_session(house):
    old = house.people[LIPIKA].password
    browser, other = signed_in(house, LIPIKA), signed_in(house, LIPIKA)
    app = house.imap(LIPIKA)
    browser.get("/me/password")
    fields = {"current": old, "new": NEW, "again": NEW}
    assert browser.send("/me/password", fields | {"current": "wrong"}) == 400
    assert browser.send("/me/password", fields | {"again": "different words"}) == 400
    assert browser.send("/me/password", fields | {"new": "short", "again": "short"}) == 400
    browser.send("/me/password", fields)
    try:
        assert (browser.status, browser.url) == (200, "/me")
        other.get("/me")
        assert other.url.startswith("/sign-in")

        def ended() -> bool:
            try:
                app.noop()
            except imaplib.IMAP4.abort:
                return True
            return False

        until(ended, "the app that used the old password is signed out", 6)
        assert house.imap(LIPIKA, NEW).noop()[0] == "OK"
    finally:
        browser.get("/me/password")
        browser.send("/me/password", {"current": NEW, "new": old, "again": old})
