"""What a post holds, on pages and on paper, for those who hold it and for nobody else; vacancies and link officers."""

import imaplib
import json
import re
import smtplib
import time
import urllib.request
import zlib
from base64 import b64encode
from contextlib import closing
from datetime import timedelta
from email.message import EmailMessage
from http.client import HTTPSConnection
from urllib.parse import quote

import pytest

from odcore import clock
from odcore.audit.trail import Event
from odcore.directory.ops.charge import Handover, hand_over, settle
from odcore.ids import AccountId
from odmail.mailbox.store import Store
from odmail.mailbox.whole import Letter
from odmail.mailbox.whole import put as put_messages
from odmail.tenure.model import ended
from odsuite.build import Parts
from odtest.browser import Browser
from odtest.daemon import Daemon, until
from odtest.files import ask

SASMITA = "sasmita.nayak@odisha.example"  # holds collector.khordha
BIBHUTI = "bibhuti.das@odisha.example"  # holds collector.puri
PRAKASH = "prakash.behera@odisha.example"  # nodal officer of Khordha

EVENT = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//x//EN\r
BEGIN:{kind}\r
UID:{uid}\r
DTSTAMP:20260101T000000Z\r
{lines}\r
END:{kind}\r
END:VCALENDAR\r
"""


def signed_in(house: Daemon, login: str) -> Browser:
    browser = Browser(house)
    browser.sign_in(login, house.people[login].password)
    return browser


def post_id(house: Daemon, cn: str) -> str:
    return json.loads(house.odmail("post", "show", cn, "--json"))["id"]


def deliver(house: Daemon, subject: str, to: str) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Somebody <s@outside.example>", to, subject
    message.set_content("x")
    with smtplib.SMTP("localhost", house.ports["mx"], timeout=20) as client:
        client.send_message(message)


def put(house: Daemon, account: str, path: str, octets: str) -> None:
    """Into a post's calendar, by its holder."""
    login, password = SASMITA, house.people[SASMITA].password
    request = urllib.request.Request(f"https://localhost:{house.ports['https']}/dav/{account}/{path}", octets.encode())
    request.method = "PUT"
    request.add_header("Content-Type", "text/calendar")
    request.add_header("Authorization", "Basic " + b64encode(f"{login}:{password}".encode()).decode())
    with urllib.request.urlopen(request, context=house.tls(), timeout=20) as answer:
        assert answer.status in (201, 204)


def streams(pdf: bytes) -> bytes:
    """All that is packed in a PDF, unpacked."""
    found = []
    for part in pdf.split(b"stream\n")[1:]:
        try:
            found.append(zlib.decompress(part.split(b"\nendstream")[0]))
        except zlib.error:
            continue
    return b"".join(found)


def test_a_holder_sees_what_would_be_handed_over_and_takes_it_along_on_paper(house):
    key = post_id(house, "collector.khordha")
    deliver(house, "ବନ୍ୟା <b>flood</b> report", "collector.khordha@odisha.example")
    tomorrow = (clock.now() + timedelta(days=1)).strftime("%Y%m%dT%H%M%SZ")
    lines = f"DTSTART:{tomorrow}\r\nDURATION:PT1H\r\nSUMMARY:Review\\, monthly"
    put(house, key, "calendar/review.ics", EVENT.format(kind="VEVENT", uid="review", lines=lines))
    put(
        house, key, "tasks/a.ics", EVENT.format(kind="VTODO", uid="a", lines="SUMMARY:Answer the audit\r\nDUE:20270101")
    )
    put(house, key, "tasks/b.ics", EVENT.format(kind="VTODO", uid="b", lines="SUMMARY:Done\r\nSTATUS:COMPLETED"))
    browser = signed_in(house, SASMITA)
    browser.get("/posts")
    assert f"/posts/{key}" in browser.text
    until(lambda: browser.get(f"/posts/{key}") == 200 and "<dt>Unread</dt><dd>0</dd>" not in browser.text, "mail comes")
    assert "<dt>Meetings to come</dt><dd>1</dd>" in browser.text
    assert "<dt>Open tasks</dt><dd>1</dd>" in browser.text
    assert ask(house, "MKCOL", "/drive/Posts/collector.khordha/Reports").status == 201
    for area, what in (("share", "INBOX"), ("calendar share", "tasks"), ("drive share", "/Reports")):
        house.odmail(
            *area.split(), "add", "collector.khordha", what, "bibhuti.das", "lr" if what == "INBOX" else "read"
        )
    browser.get(f"/posts/{key}")
    found = re.findall(r"<li>([^<]*): bibhuti.das@odisha.example \(read\)</li>", browser.text)
    assert found == ["INBOX", "/Reports", "Collector and District Magistrate, Khordha: Tasks"]
    for language in ("en", "or", "hi"):
        assert browser.get(f"/posts/{key}/report?language={language}") == 200
        assert browser.octets.startswith(b"%PDF-")
        assert (b"Lohit-Odia" in browser.octets + streams(browser.octets)) is True
    assert browser.get(f"/posts/{key}/report?language=xx") == 400
    assert "charge-report" in house.odmail("audit", "list", "--json")


def test_a_handover_reaches_open_dav_and_web_sessions_within_5_seconds_and_the_trail_tells_of_it(house: Daemon):
    house.odmail("post", "add", "live.post", "--title", "Live post", "--office", "khordha")
    house.odmail("post", "handover", "live.post", "--to", "sasmita.nayak", "--order", "GA-1", "--at", "2026-01-01")
    key = post_id(house, "live.post")
    put(house, key, "tasks/a.ics", EVENT.format(kind="VTODO", uid="live", lines="SUMMARY:Go on"))
    password = house.odmail("device-password", "add", "sasmita.nayak", "--post", "live.post", "--scope", "dav").split()[
        -1
    ]
    device = HTTPSConnection("localhost", house.ports["https"], context=house.tls(), timeout=20)

    def looked() -> int:
        """By the device, on one connection."""
        basic = b64encode(f"live.post@odisha.example:{password}".encode()).decode()
        device.request("GET", f"/dav/{key}/tasks/a.ics", headers={"Authorization": f"Basic {basic}"})
        answer = device.getresponse()
        answer.read()
        return answer.status

    old, new = signed_in(house, SASMITA), signed_in(house, BIBHUTI)
    assert (looked(), old.get(f"/posts/{key}"), new.get(f"/posts/{key}")) == (200, 200, 404)
    house.odmail("post", "handover", "live.post", "--to", "bibhuti.das", "--order", "GA-2")
    until(lambda: looked() == 401 and old.get(f"/posts/{key}") == 404, "the old holder is out", 5)
    assert old.get("/me") == 200
    until(lambda: new.get(f"/posts/{key}") == 200, "the new holder is in", 5)
    assert "<dt>Open tasks</dt><dd>1</dd>" in new.text
    assert ask(house, "GET", f"/dav/{key}/tasks/a.ics", who=BIBHUTI).status == 200
    told = json.loads(house.odmail("audit", "list", "live.post", "--event", "post-handed-over", "--json"))
    assert [(each["facts"]["to"], each["facts"]["order"]) for each in told] == [
        ("sasmita.nayak", "GA-1"),
        ("bibhuti.das", "GA-2"),
    ]


@pytest.mark.parametrize("path", ["/posts/{key}", "/posts/{key}/report?language=en"])
def test_who_does_not_hold_a_post_sees_nothing_of_it_though_they_administer_its_office(house, path):
    key = post_id(house, "collector.khordha")
    for login in (BIBHUTI, PRAKASH):
        assert signed_in(house, login).get(path.format(key=key)) == 404


def test_a_nodal_officer_makes_a_post_of_their_own_office_and_of_no_other(house):
    browser = signed_in(house, PRAKASH)
    browser.get("/staff/new-post")
    offices = dict(re.findall(r'<option value="([0-9a-f-]{36})">([^<]*)', browser.text))
    [khordha] = [key for key, path in offices.items() if path.endswith("Collectorate, Khordha")]
    assert not any("Puri" in path for path in offices.values())
    form = {"title": "Tahasildar, Jatni", "odia": "ତହସିଲଦାର, ଜଟଣୀ", "office": khordha, "cn": "tahasildar.jatni"}
    puri = json.loads(house.odmail("office", "show", "puri", "--json"))["id"]
    assert browser.send("/staff/new-post", form | {"office": puri}) == 400
    assert browser.send("/staff/new-post", form | {"cn": "collector.puri"}) == 400
    assert "belongs to somebody already" in browser.text
    assert browser.send("/staff/new-post", form | {"cn": "postmaster"}) == 400
    browser.send("/staff/new-post", form)
    assert "The post is there." in browser.text
    shown = json.loads(house.odmail("post", "show", "tahasildar.jatni", "--json"))
    assert (shown["names"], shown["office"], shown["holders"]) == ({"or": form["odia"]}, "khordha", [])
    assert signed_in(house, SASMITA).get("/staff/new-post") == 403


def test_a_post_falls_vacant_and_its_link_officer_has_it_until_it_is_held_again(house):
    house.odmail("post", "add", "link.post", "--title", "Nazir, Jatni", "--office", "khordha")
    house.odmail("post", "handover", "link.post", "--to", "sunita.hembram", "--order", "GA-1", "--at", "2026-01-01")
    browser = signed_in(house, PRAKASH)
    browser.get("/staff/posts/link.post")
    path = browser.url
    form = {"how": "vacant", "to": "lipika.sahoo", "order": "GA-2", "kind": "regular", "at": "", "former": "inform"}
    browser.send(path, form)
    shown = json.loads(house.odmail("post", "show", "link.post", "--json"))
    assert [(each["kind"], each["end"] is None) for each in shown["charges"]] == [("regular", False), ("link", True)]
    assert shown["former"] == "inform"
    assert "Link officer" in browser.text
    browser.send(path, {"how": "vacant", "to": "", "order": "GA-3", "kind": "regular", "at": ""})
    assert "The post is vacant." in browser.text
    assert browser.send(path, {"how": "over", "to": "", "order": "GA-4", "kind": "regular", "at": ""}) == 400
    assert browser.send(path, {"how": "relieved", "to": "lipika.sahoo", "order": "GA-4", "kind": "regular"}) == 400
    assert "This person does not hold the post then." in browser.text


def test_a_tenure_that_ends_is_sealed_by_itself_and_its_successor_alone_searches_it(house: Daemon):
    house.odmail("post", "add", "old.post", "--title", "Old post", "--office", "khordha")
    house.odmail("post", "handover", "old.post", "--to", "sasmita.nayak", "--order", "GA-1", "--at", "2026-01-01")
    post = post_id(house, "old.post")
    put(house, post, "tasks/a.ics", EVENT.format(kind="VTODO", uid="old", lines="SUMMARY:Mend the <i>dam</i>"))
    assert ask(house, "PUT", "/drive/Posts/old.post/" + quote("ନକ୍ସା.txt"), b"plan").status == 201
    deliver(house, "ନଥି 7 <b>", "old.post@odisha.example")
    until(lambda: "delivered" in house.odmail("trace", "old.post@odisha.example"), house.tail)
    house.odmail("post", "handover", "old.post", "--to", "bibhuti.das", "--order", "GA-2")

    def sealed():
        return json.loads(house.odmail("post", "archive", "list", "old.post", "--json"))

    [tenure] = [each["tenure"]["id"] for each in until(sealed, house.tail)]
    assert f"{tenure} whole, 1 messages, 2 papers" in house.odmail("post", "archive", "verify", "old.post")
    assert "ନଥି 7" in house.odmail("post", "archive", "search", tenure, "ନଥି")
    assert b"Subject" in house.odmail("post", "archive", "read", tenure, "INBOX", "1").encode()

    successor = signed_in(house, BIBHUTI)
    successor.get(f"/posts/{post}/tenures")
    assert "Sasmita" in successor.text
    successor.get(f"/posts/{post}/tenures/{tenure}?q=%E0%AC%A8%E0%AC%A5%E0%AC%BF")
    assert "ନଥି 7 &lt;b&gt;" in successor.text
    assert successor.get(f"/posts/{post}/tenures/{tenure}/1?folder=INBOX") == 200
    assert successor.headers["Content-Type"] == "message/rfc822"
    successor.get(f"/posts/{post}/tenures/{tenure}?q=mend")
    assert "Mend the &lt;i&gt;dam&lt;/i&gt;" in successor.text
    successor.get(f"/posts/{post}/tenures/{tenure}?q={quote('ନକ୍ସା')}")
    [paper] = re.findall(rf"/posts/{post}/tenures/{tenure}/papers/\d+", successor.text)
    assert (successor.get(paper), successor.octets) == (200, b"plan")
    assert successor.headers["Content-Disposition"].startswith("attachment;")
    assert house.odmail("post", "archive", "paper", tenure, paper.rpartition("/")[2]) == "plan"
    assert signed_in(house, SASMITA).get(paper) == 404
    assert successor.get(f"/posts/{post}/tenures/{tenure}?q=nothing") == 200
    assert "Nothing holds these words" in successor.text
    assert successor.get(f"/posts/{post_id(house, 'collector.puri')}/tenures/{tenure}") == 404
    assert signed_in(house, SASMITA).get(f"/posts/{post}/tenures/{tenure}") == 404
    assert "tenure-read" in house.odmail("audit", "list", "old.post")


@pytest.mark.breaks
def test_a_tenure_is_sealed_whole_though_the_worker_is_killed_again_and_again(house: Daemon):
    """Each time the copy has grown; some messages are equal, some large."""
    house.odmail("post", "add", "cut.post", "--title", "Cut post", "--office", "khordha")
    house.odmail("post", "handover", "cut.post", "--to", "sasmita.nayak", "--order", "GA-1", "--at", "2026-01-01")
    received = int(clock.now().timestamp()) - 60
    texts = [b"x" * (100_000 if number % 60 == 0 else 100) + b"%d" % (number % 280) for number in range(300)]
    with (
        closing(Parts(house.settings, lambda _event: None)) as parts,
        closing(Store(house.folder / "tenures", lambda _hint: None)) as copies,
    ):
        key = AccountId(post_id(house, "cut.post"))
        account = parts.store.open(key)
        for box in ("INBOX", "Sent"):
            put_messages(account, box, [Letter(b"Subject: x\r\n\r\n" + text, received=received) for text in texts])
        house.odmail("post", "handover", "cut.post", "--to", "bibhuti.das", "--order", "GA-2")
        [tenure] = [each.id for each in ended(parts.directory.post(key), clock.now())]

        def copied() -> int:
            return sum(box.exists for box in copies.open(tenure).mailboxes()) if copies.has(tenure) else 0

        before = 0
        for _ in range(2):
            until(lambda least=before: copied() > least or parts.tenures.is_sealed(tenure), house.tail)
            before = copied()
            house.kill("queue")
        until(lambda: parts.tenures.is_sealed(tenure), house.tail)
    assert f"{tenure} whole, 600 messages, 0 papers" in house.odmail("post", "archive", "verify", "cut.post")


@pytest.mark.breaks
def test_a_handover_that_falls_due_while_nothing_runs_takes_effect_at_the_next_start_once(house: Daemon):
    """All processes are killed before its instant and started after it."""
    house.odmail("post", "add", "due.post", "--title", "Due post", "--office", "khordha")
    house.odmail("post", "handover", "due.post", "--to", "sasmita.nayak", "--order", "GA-1", "--at", "2026-01-01")
    old = house.odmail("device-password", "add", "sasmita.nayak", "--post", "due.post").split()[-1]
    house.imap("due.post@odisha.example", old).logout()
    key = post_id(house, "due.post")
    at = clock.now().replace(microsecond=0) + timedelta(seconds=4)
    with closing(Parts(house.settings, lambda _event: None)) as parts:
        hand_over(parts.admin("test"), parts.directory.post(key), Handover(to="bibhuti.das", order="GA-2", at=at))
        assert house.imap("due.post@odisha.example", old).noop()[0] == "OK"
    house.kill_all()
    until(lambda: clock.now() > at, "it is due")
    house.start()
    started = time.monotonic()
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        house.imap("due.post@odisha.example", old)
    assert (signed_in(house, SASMITA).get(f"/posts/{key}"), signed_in(house, BIBHUTI).get(f"/posts/{key}")) == (
        404,
        200,
    )
    with closing(Parts(house.settings, lambda _event: None)) as parts:

        def told(event: str) -> list[Event]:
            return parts.trail.events(event=event, to=key)

        until(lambda: told("post-settled") and told("tenure-sealed"), house.tail, started + 5 - time.monotonic())
        [bibhuti] = parts.directory.post(key).holders(clock.now())
        assert (settle(parts.admin("test")), parts.sealing.seal(parts.directory.post(key))) == (0, [])
        [settled], [sealed] = told("post-settled"), told("tenure-sealed")
        assert (settled.actor, settled.facts) == ("suite", {"holders": bibhuti})
        assert bibhuti == parts.directory.person("bibhuti.das").id
        assert sealed.facts["tenure"] == ended(parts.directory.post(key), clock.now())[0].id
        assert [(each.facts["to"], each.facts["order"]) for each in told("post-handed-over")] == [
            ("sasmita.nayak", "GA-1"),
            ("bibhuti.das", "GA-2"),
        ]
