"""Offices, lists, the queue, traces, reports and the audit trail on pages: what each person may do there."""

import email
import json
import re
import smtplib
from email.message import EmailMessage, Message

import pytest

from odmail.queue.model import Destination, State
from odmail.queue.store import SqliteQueue
from odtest.browser import Browser
from odtest.daemon import Daemon, until

ANJALI = "anjali.mohanty@odisha.example"  # administers everything
PRAKASH = "prakash.behera@odisha.example"  # nodal officer of Khordha
ABDUL = "abdul.rahim@odisha.example"  # nothing

AGENCY = ("/domains", "/domains/odisha.example", "/lists", "/queue", "/trace?q=x", "/reports", "/audit")


def signed_in(house: Daemon, login: str) -> Browser:
    browser = Browser(house)
    browser.sign_in(login, house.people[login].password)
    return browser


@pytest.mark.parametrize("path", AGENCY)
def test_pages_of_the_agency_are_for_the_agency_alone(house, path):
    assert signed_in(house, ANJALI).get(path) == 200
    assert signed_in(house, PRAKASH).get(path) == 403
    assert signed_in(house, ABDUL).get(path) == 403
    nobody = Browser(house)
    nobody.get(path)
    assert nobody.url.startswith("/sign-in")


def test_a_nodal_officer_makes_offices_below_their_own_and_nowhere_else(house):
    browser = signed_in(house, PRAKASH)
    browser.get("/offices")
    assert "Collectorate, Puri" not in browser.text
    khordha = re.search(r'<option value="([0-9a-f-]{36})"[^>]*>[^<]*Khordha<', browser.text)[1]
    puri = json.loads(house.odmail("office", "show", "puri", "--json"))["id"]
    given = {"ou": "jatni", "name": "Tahasil, <b>Jatni</b>", "odia": "ଜଟଣୀ"}
    assert browser.send("/offices", given | {"parent": puri}) == 400
    assert browser.send("/offices", given | {"parent": ""}) == 400
    assert browser.send("/offices", given | {"parent": khordha}) == 200
    assert "Tahasil, &lt;b&gt;Jatni" in browser.text
    assert browser.send("/offices", given | {"parent": khordha}) == 400
    jatni = json.loads(house.odmail("office", "show", "jatni", "--json"))
    assert (jatni["parent"], jatni["names"]) == ("khordha", {"or": "ଜଟଣୀ"})
    assert browser.send(f"/offices/{jatni['id']}", {"name": "Jatni", "odia": "", "parent": puri}) == 400
    assert browser.send(f"/offices/{jatni['id']}", {"name": "Jatni", "odia": "", "parent": khordha}) == 200
    assert browser.send(f"/offices/{puri}", {"name": "Mine now", "odia": "", "parent": khordha}) == 403
    agency = signed_in(house, ANJALI)
    agency.get(f"/offices/{khordha}")
    assert agency.send(f"/offices/{khordha}", {"name": "X", "odia": "", "parent": jatni["id"]}) == 400
    assert "cannot be part of itself" in agency.text
    house.odmail("office", "delete", "jatni", "--yes")


def test_a_domain_is_added_given_languages_and_taken_out(house):
    browser = signed_in(house, ANJALI)
    browser.get("/domains")
    assert browser.send("/domains", {"name": "no domain <b>"}) == 400
    assert browser.send("/domains", {"name": "odisha.example"}) == 400
    browser.send("/domains", {"name": "Revenue.Odisha.Example"})
    assert browser.url == "/domains/revenue.odisha.example"
    browser.send(browser.url, {"languages": ["or", "en"]})
    shown = json.loads(house.odmail("domain", "show", "revenue.odisha.example", "--json"))
    assert (shown["default"], sorted(shown["languages"])) == (False, ["en", "or"])
    browser.send("/domains/odisha.example", {"remove": "yes"})
    assert "and not the default one" in browser.text
    browser.send("/domains/revenue.odisha.example", {"remove": "yes"})
    assert "revenue.odisha.example" not in house.odmail("domain", "list")


def test_a_quota_is_seen_and_set_by_who_administers_the_office(house):
    def shown(kind, name):
        return json.loads(house.odmail(kind, "show", name, "--json"))

    sasmita, puri = shown("person", "sasmita.nayak"), shown("post", "collector.puri")
    browser = signed_in(house, PRAKASH)
    browser.get("/quotas?q=sasmita")
    assert "Sasmita Nayak" in browser.text
    browser.get("/quotas?q=collector")
    assert puri["id"] not in browser.text
    path = f"/quotas/{sasmita['id']}"
    browser.get(path)
    assert browser.send(path, {"quota": "-1"}) == 400
    assert browser.send(path, {"quota": "0.5"}) == 200
    assert shown("person", "sasmita.nayak")["quota"] == 1 << 29
    listed = json.loads(house.odmail("quota", "list", "sasmita", "--json"))
    assert [(each["entry"]["uid"], each["mail_limit"]) for each in listed] == [("sasmita.nayak", 1 << 29)]
    browser.send(path, {"quota": ""})
    assert shown("person", "sasmita.nayak")["quota"] == 0
    assert browser.send(f"/quotas/{puri['id']}", {"quota": "1"}) == 403
    assert signed_in(house, ABDUL).get("/quotas") == 403


def test_a_list_is_made_filled_and_emptied(house):
    browser = signed_in(house, ANJALI)
    browser.get("/lists")
    assert browser.send("/lists", {"cn": "postmaster", "name": "x"}) == 400
    browser.send("/lists", {"cn": "bureau.list", "name": "Bureau"})
    path = browser.url
    given = {"name": "Bureau <i>one</i>", "senders": "members"}
    assert browser.send(path, given | {"join": "nobody.at.all"}) == 400
    browser.send(path, given | {"join": "abdul.rahim collector.puri x@outside.example"})
    assert "Abdul Rahim" in browser.text
    assert "<i>one" not in browser.text
    shown = json.loads(house.odmail("group", "show", "bureau.list", "--json"))
    assert not shown["unlisted"]
    assert (shown["senders"], shown["outside"], len(shown["members"])) == ("members", ["x@outside.example"], 2)
    browser.send(path, given | {"unlisted": "on"})
    assert json.loads(house.odmail("group", "show", "bureau.list", "--json"))["unlisted"]
    assert browser.send(path, given | {"owner": "bureau.list"}) == 400
    browser.send(path, given | {"owner": "collector.puri"})
    post = json.loads(house.odmail("post", "show", "collector.puri", "--json"))
    assert json.loads(house.odmail("group", "show", "bureau.list", "--json"))["owner"] == post["id"]
    assert post["addresses"][0] in browser.text
    browser.send(f"{path}/leave", {"member": "x@outside.example"})
    assert json.loads(house.odmail("group", "show", "bureau.list", "--json"))["outside"] == []
    other = signed_in(house, PRAKASH)
    other.get("/staff")
    assert other.send(path, given | {"join": "prakash.behera"}) == 403


def test_a_message_is_held_released_and_followed_to_its_folder(house):
    house.odmail("queue", "list")
    message = EmailMessage()
    message["From"], message["To"] = ANJALI, "far@outside.example"
    message["Subject"], message["Message-ID"] = "x", "<bureau.one@outside.example>"
    message.set_content("x")
    with smtplib.SMTP_SSL("localhost", house.ports["submissions"], context=house.tls(), timeout=20) as client:
        client.login(ANJALI, house.people[ANJALI].password)
        client.send_message(message)
    browser = signed_in(house, ANJALI)
    trace = "/trace?q=%3Cbureau.one@outside.example%3E"
    until(lambda: browser.get(trace) == 200 and "Delivered" in browser.text, "it goes")
    assert "mail-traced" in house.odmail("audit", "list", "--json")
    browser.get("/queue")
    assert browser.send("/queue/act", {"action": "hold"}) == 400
    assert browser.send("/queue/act", {"action": "delete", "message": "abc"}) == 400
    assert browser.send("/queue/act", {"action": "hold", "message": "aaaaaaaaaaaa"}) == 200
    other = signed_in(house, PRAKASH)
    other.get("/staff")
    assert other.send("/queue/act", {"action": "hold", "message": "aaaaaaaaaaaa"}) == 403


def test_the_queue_page_shows_who_turned_us_away(house):
    spool = SqliteQueue(house.folder / "queue", lambda message: None)
    spool.note_destinations([Destination("closed.example", State.RESTING, 0, 4_000_000_000, "421 4.3.2 <b>busy</b>")])
    browser = signed_in(house, ANJALI)
    browser.get("/queue")
    assert "closed.example" in browser.text
    assert "421 4.3.2 &lt;b&gt;busy" in browser.text
    spool.note_destinations([Destination("closed.example")])
    browser.get("/queue")
    assert "closed.example" not in browser.text
    spool.close()


def test_the_audit_trail_is_read_by_person_event_and_day(house):
    browser = signed_in(house, ANJALI)
    browser.get("/audit?key=anjali.mohanty&event=web-session-began&since=01-01-2026")
    assert 'data-label="Event">Signed in in a browser<' in browser.text
    assert 'data-label="Event">List added<' not in browser.text
    browser.get("/audit?event=%3Cscript%3E")
    assert "<script>" not in browser.text.partition("</head>")[2]
    assert browser.get("/audit?since=nonsense") == 200


def test_a_member_outside_leaves_a_list_by_the_link_in_its_header(house):
    """GET asks, in the reader's language, and changes nothing; one POST without a cookie does it; twice is harmless."""
    far, near = "far@elsewhere.example", "near@elsewhere.example"
    house.odmail("dkim", "generate", "odisha.example")
    house.odmail("group", "add", "one.click", "--member", "abdul.rahim", "--member", far, "--member", near)
    sent = house.send(PRAKASH, "one.click@odisha.example")
    until(lambda: len(outside(house, sent)) == 2, "both copies are outside")
    message = outside(house, sent)[far]
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    [name] = re.findall(r"\bh=([^;]+);", message.get_all("DKIM-Signature")[0])
    assert {"List-Unsubscribe", "List-Unsubscribe-Post"} <= {each.strip().title() for each in name.split(":")}
    link = re.search(r"<https://[^/]+(/unsubscribe\?t=[\w-]+)>", message["List-Unsubscribe"])[1]
    program = Browser(house)

    def members() -> list[str]:
        return json.loads(house.odmail("group", "show", "one.click", "--json"))["outside"]

    for language, word in (("en", "Leave the list"), ("or", "ତାଲିକା ଛାଡ଼ନ୍ତୁ"), ("hi", "सूची छोड़ें")):
        assert program.get(link, Accept_Language=language) == 200
        assert word in program.text
    program.cookies.clear()
    program.text = ""
    assert program.send(link, {"List-Unsubscribe": "no"}) == 400
    assert program.send(link[:-3] + "AAA", {"List-Unsubscribe": "One-Click"}) == 404
    assert members() == [far, near]
    for _ in range(2):
        program.cookies.clear()
        program.text = ""
        assert (program.send(link, {"List-Unsubscribe": "One-Click"}), program.url) == (200, link)
        assert members() == [near]
    browser = signed_in(house, ANJALI)
    browser.get("/audit?event=group-left")
    assert far in browser.text
    again = house.send(PRAKASH, "one.click@odisha.example")
    until(lambda: outside(house, again), "the next one goes out")
    assert list(outside(house, again)) == [near]


def outside(house: Daemon, message_id: str) -> dict[str, Message]:
    """Copies that left the house, by their recipients."""
    found = {}
    for path in (house.folder / "outside").glob("*.eml"):
        message = email.message_from_bytes(path.read_bytes())
        if message["Message-ID"] == message_id:
            envelope = json.loads(path.with_suffix(".json").read_text())
            found |= {each["address"]: message for each in envelope["recipients"]}
    return found


def test_a_post_to_a_moderated_list_waits_for_its_owner_and_then_goes_to_all(house):
    """Over the wire: the owner hears of it, lets one through and sends one back by writing to the addresses told."""
    notices = "moderated@odisha.example"
    house.odmail("group", "add", "moderated", "--name", "M", "--member", "abdul.rahim", "--member", "prakash.behera")
    house.odmail("group", "edit", "moderated", "--owner", "anjali.mohanty", "--senders", "moderated")
    wanted = house.send(PRAKASH, notices, subject="Wanted")
    unwanted = house.send(PRAKASH, notices, subject="Unwanted")

    def held() -> list[str]:
        return [each["id"] for each in json.loads(house.odmail("group", "held", "--json"))]

    waiting = until(lambda: held() if len(held()) == 2 else [], "both wait")
    for subject, word in (("Wanted", "approve"), ("Unwanted", "reject")):
        told = until(lambda subject=subject: notice(house, subject), f"the owner hears of {subject}")
        [address] = re.findall(rf"moderated\+{word}-(\w+)@odisha\.example", told)[:1]
        assert address in waiting
        house.send(ANJALI, f"moderated+{word}-{address}@odisha.example", subject=word)
    for login in (ABDUL, PRAKASH):
        assert b"List-Id" in house.awaited(login, wanted)
    until(lambda: not held(), "nothing waits")
    client = house.imap(ABDUL)
    client.select()
    assert client.search(None, "HEADER", "Message-ID", unwanted)[1] == [b""]
    client.logout()


def notice(house: Daemon, subject: str) -> str:
    """What the owner was told of the post with this subject; "" as long as nothing is there."""
    client = house.imap(ANJALI)
    client.select()
    found = client.search(None, "BODY", f'"Subject: {subject}"')[1][0].split()
    text = client.fetch(found[-1].decode(), "(BODY.PEEK[])")[1][0][1].decode() if found else ""
    client.logout()
    return text.replace("=\r\n", "")
