"""Out of office, forwarding and rules by the page: what becomes of mail, and of scripts people wrote themselves."""

from datetime import date, timedelta

import pytest
from imapclient.imap_utf7 import encode

from odtest.browser import Browser
from odtest.daemon import Daemon, until

MAMATA = "mamata.jena@odisha.example"
DEBASISH = "debasish.rout@odisha.example"
ABDUL = "abdul.rahim@odisha.example"
COLLECTOR = "collector.khordha@odisha.example"


def signed_in(house: Daemon, login: str) -> Browser:
    browser = Browser(house)
    browser.sign_in(login, house.people[login].password)
    browser.get("/me/filters")
    return browser


def day(offset: int) -> str:
    return f"{date.today() + timedelta(days=offset):%d-%m-%Y}"


def test_mail_is_answered_filed_and_forwarded_and_ones_own_script_runs_on(house: Daemon, tmp_path):
    own = tmp_path / "own.sieve"
    own.write_text('require "imap4flags";\naddflag "$Mine";\n')
    house.odmail("sieve", "put", MAMATA, "mine", str(own), "--activate")
    browser = signed_in(house, MAMATA)
    away = {"first": day(-1), "last": day(1), "inside": 'On leave until "Monday" \\ ଛୁଟି', "outside": ""}
    assert browser.send("/me/filters/away", away) == 200
    assert "once in three days" in browser.text
    rule = {"field": "subject", "text": 'say "tender"', "act": "folder", "target": "Tenders/ଟେଣ୍ଡର"}
    assert browser.send("/me/filters/rule", rule) == 200
    assert browser.send("/me/filters/forward", {"forward": ABDUL}) == 200
    assert "“mine” runs after these" in browser.text
    sent = house.send(DEBASISH, MAMATA, subject='They say "tender" today')
    assert b"tender" in house.awaited(MAMATA, sent, "Tenders/" + encode("ଟେଣ୍ଡର").decode())
    assert b"tender" in house.awaited(ABDUL, sent)
    client = house.imap(DEBASISH)

    def answered() -> bool:
        client.select("INBOX")
        return client.uid("SEARCH", None, "FROM", MAMATA)[1][0] != b""

    until(answered, "the answer arrives")
    for what in ("away", "forward", "0"):
        browser.send("/me/filters/remove", {"what": what})
    assert house.odmail("sieve", "get", MAMATA, "mine") == own.read_text()
    assert "portal" not in house.odmail("sieve", "list", MAMATA, "--json")
    assert browser.send("/me/filters/remove", {"what": "7"}) == 404


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("forward", {"forward": "me@gmail.example"}),
        ("forward", {"forward": DEBASISH}),  # oneself
        ("forward", {"forward": 'x@odisha.example"; discard; #'}),
        ("rule", {"field": "from", "text": "x", "act": "forward", "target": "me@gmail.example"}),
        ("rule", {"field": "from", "text": "x", "act": "discard", "target": ""}),
        ("rule", {"field": "from", "text": "x", "act": "folder", "target": ""}),
        ("away", {"first": day(3), "last": day(2), "inside": "x"}),
        ("away", {"first": day(-3), "last": day(-2), "inside": "x"}),
    ],
)
def test_what_policy_does_not_allow_changes_nothing(house: Daemon, path, fields):
    browser = signed_in(house, DEBASISH)
    assert browser.send(f"/me/filters/{path}", fields) == 400
    assert "portal" not in house.odmail("sieve", "list", DEBASISH, "--json")


def test_a_post_has_its_own_for_its_holder_and_nobody_else(house: Daemon):
    post = house.odmail("post", "show", COLLECTOR, "--json").split('"id": "')[1][:36]
    browser = signed_in(house, ABDUL)
    assert browser.get(f"/me/filters?of={post}") == 404
    browser.get("/me/filters")
    assert browser.send(f"/me/filters/forward?of={post}", {"forward": ABDUL}) == 404
