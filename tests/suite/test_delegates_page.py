"""Delegates by the page: what they may from then on, and that only the owner or the holder decides it."""

import imaplib

from odtest.browser import Browser
from odtest.daemon import Daemon, until

RAMESH = "ramesh.pradhan@odisha.example"
ARJUN = "arjun.majhi@odisha.example"
SASMITA = "sasmita.nayak@odisha.example"  # holds it
COLLECTOR = "collector.khordha@odisha.example"


def signed_in(house: Daemon, login: str) -> Browser:
    browser = Browser(house)
    browser.sign_in(login, house.people[login].password)
    browser.get("/me/delegates")
    return browser


def test_a_delegate_reads_and_writes_on_behalf_until_the_owner_ends_it(house: Daemon):
    browser = signed_in(house, RAMESH)
    browser.send("/me/delegates", {"of": "", "who": "arjun.majhi", "powers": ["read", "on-behalf"], "until": ""})
    assert browser.status == 200, browser.text
    assert ARJUN in browser.text
    client = house.imap(ARJUN)
    assert client.select('"Other Users/ramesh.pradhan/INBOX"', readonly=True)[0] == "OK", [
        each.split()[-1] for each in client.list()[1] if b"INBOX" in each
    ]
    signed_in_too = signed_in(house, ARJUN)
    assert "For whom I act" in signed_in_too.text
    arjun = house.odmail("person", "show", ARJUN, "--json").split('"id": "')[1][:36]
    ramesh = house.odmail("person", "show", RAMESH, "--json").split('"id": "')[1][:36]
    assert signed_in_too.send("/me/delegates/end", {"of": ramesh, "who": arjun}) == 404
    browser.send("/me/delegates/end", {"of": ramesh, "who": arjun})

    def ended() -> bool:
        try:
            return client.select('"Other Users/ramesh.pradhan/INBOX"', readonly=True)[0] == "NO"
        except imaplib.IMAP4.abort:
            return True

    until(ended, "the delegate is out", 6)


def test_nobody_gives_away_what_is_not_theirs(house: Daemon):
    post = house.odmail("post", "show", COLLECTOR, "--json").split('"id": "')[1][:36]
    browser = signed_in(house, ARJUN)
    fields = {"of": post, "who": "arjun.majhi", "powers": ["read"], "until": ""}
    assert browser.send("/me/delegates", fields) == 400
    assert browser.send("/me/delegates", fields | {"of": ""}) == 400  # oneself
    assert browser.send("/me/delegates", fields | {"of": "", "who": "*)(uid=*"}) == 400
    assert browser.send("/me/delegates", fields | {"of": "", "who": "ramesh.pradhan", "powers": ["root"]}) == 400


def test_the_owner_and_the_posts_holder_see_who_looked_into_the_mailbox(house: Daemon):
    post = house.odmail("post", "show", COLLECTOR, "--json").split('"id": "')[1][:36]
    for holder, of, mailbox in ((RAMESH, "", "Other Users/ramesh.pradhan"), (SASMITA, post, "Posts/collector.khordha")):
        browser = signed_in(house, holder)
        browser.send("/me/delegates", {"of": of, "who": "arjun.majhi", "powers": ["read"], "until": ""})
        assert browser.status == 200, browser.text
        client = house.imap(ARJUN)
        assert client.select(f'"{mailbox}/INBOX"', readonly=True)[0] == "OK", client.list()
        until(
            lambda browser=browser: browser.get("/me/sessions") == 200 and "Arjun Majhi" in browser.text, "it is told"
        )
    assert '"Mailbox">Collector and District Magistrate, Khordha<' in browser.text
