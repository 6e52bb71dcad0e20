"""Applying for an account, from the public form over two approvals to the first password; and what must not work."""

import json
import re
from itertools import count

import pytest

from odtest.browser import Browser
from odtest.daemon import Daemon, until

PRAKASH = "prakash.behera@odisha.example"  # nodal officer of Khordha
RAMESH = "ramesh.pradhan@odisha.example"  # nodal officer of Puri
ANJALI = "anjali.mohanty@odisha.example"  # administers everything

_numbers = count(9437100001)


def mobile() -> str:
    """Nobody else's: each has a limit of its own."""
    return str(next(_numbers))


def signed_in(house: Daemon, login: str) -> Browser:
    browser = Browser(house)
    browser.sign_in(login, house.people[login].password)
    return browser


def texts(house: Daemon, number: str, template: str) -> list[str]:
    """What came to a phone."""
    found = json.loads(house.odmail("outbox", "list", "--to", number, "--json"))
    return [each["text"] for each in found if each["template"].startswith(template)]


def code(house: Daemon, number: str) -> str:
    [*_, text] = until(lambda: texts(house, number, "code"), "a code comes")
    return re.match(r"\d{6}", text)[0]


def form(number: str, **more: str) -> dict[str, str]:
    given = {
        "name": "Sri BIKASH KUMAR SWAIN",
        "odia": "ବିକାଶ କୁମାର ସ୍ୱାଇଁ",
        "title": "Junior Assistant",
        "search": "khordha",
        "mobile": number,
        "email": f"{number}@outside.example",
        "expires": "31-03-2045",
    }
    return given | more


def applied(house: Daemon, number: str, **more: str) -> tuple[Browser, str]:
    """Somebody applies; the reference."""
    browser = Browser(house)
    browser.get("/apply")
    assert browser.send("/apply", form(number, **more)) == 200, browser.text
    assert browser.url == "/apply/code", browser.text
    browser.send("/apply/code", {"code": code(house, number)})
    assert browser.url == "/apply/address", browser.text
    choice = re.search(r'name="choice" value="([^"]+)"', browser.text)[1]
    browser.send("/apply/address", {"choice": choice, "other": ""})
    assert browser.url == "/apply/state", browser.text
    return browser, re.search(r'class="secret">(A[A-Z0-9]+)<', browser.text)[1]


def key_of(browser: Browser, reference: str) -> str:
    """Its address among the applications that wait."""
    browser.get("/applications")
    for key in re.findall(r"/applications/([0-9a-f-]{36})", browser.text):
        browser.get(f"/applications/{key}")
        if reference in browser.text:
            return key
    raise AssertionError(f"no {reference}")


def test_an_application_goes_over_two_approvals_to_a_first_password(house):
    number = mobile()
    applicant, reference = applied(house, number, post="Tahasildar, Bhubaneswar")
    assert "waits for the head of office" in applicant.text
    office = signed_in(house, PRAKASH)
    key = key_of(office, reference)
    assert "Bikash Kumar Swain" in office.text
    office.send(f"/applications/{key}/approve", {})
    assert "waits for the agency" in office.text
    agency = signed_in(house, ANJALI)
    agency.get(f"/applications/{key}")
    agency.send(f"/applications/{key}/approve", {})
    assert "created" in agency.text
    [text] = until(lambda: texts(house, number, "activate"), "the way in comes")
    secret = re.search(r"[a-z0-9]{4}(-[a-z0-9]{4}){4}", text)[0]
    applicant.get("/welcome")
    applicant.send("/welcome", {"code": secret, "new": "a river and a hill", "again": "a river and a hill"})
    assert "bikash.swain@odisha.example" in applicant.text
    assert Browser(house).sign_in("bikash.swain", "a river and a hill") == 200
    shown = json.loads(house.odmail("person", "show", "bikash.swain", "--json"))
    assert (shown["names"]["or"], shown["mobile"]) == ("ବିକାଶ କୁମାର ସ୍ୱାଇଁ", f"+91{number}")
    assert shown["expires"].startswith("2045-03-31")
    office.get(f"/applications/{key}")
    [handover] = re.findall(r"/staff/posts/[0-9a-f-]{36}\?to=[0-9a-f-]{36}", office.text)
    assert office.get(handover) == 200
    assert 'name="to" value="bikash.swain"' in office.text
    assert "field-wrong" not in office.text  # the day one may look at is a form of its own
    assert office.send(handover, {"how": "beside", "to": "bikash.swain", "order": "GA-9", "kind": "additional"}) == 200
    assert "bikash.swain" in json.dumps(json.loads(house.odmail("post", "show", "tahasildar.bhubaneswar", "--json")))
    office.get(handover.replace(shown["id"], "nobody.at.all"))
    assert 'name="to" maxlength' in office.text


def test_who_applied_sees_the_state_by_reference_and_phone_and_reads_why_it_was_refused(house):
    number = mobile()
    _, reference = applied(house, number, name="Refused Person", odia="")
    office = signed_in(house, PRAKASH)
    key = key_of(office, reference)
    assert office.send(f"/applications/{key}/refuse", {"reason": ""}) == 400
    office.send(f"/applications/{key}/refuse", {"reason": "<b>Not</b> of this office"})
    assert until(lambda: texts(house, number, "refused"), "the applicant is told")
    later = Browser(house)
    later.get("/apply/status")
    before = len(texts(house, number, "code"))
    until(
        lambda: later.send("/apply/status", {"reference": reference.lower(), "mobile": number}) == 200,
        "not so quick",
        60,
    )
    until(lambda: len(texts(house, number, "code")) > before, "a code comes")
    later.send("/apply/status/code", {"code": code(house, number)})
    assert later.url == "/apply/state"
    assert "&lt;b&gt;Not&lt;/b&gt; of this office" in later.text


def test_nobody_approves_twice_nor_for_another_office(house):
    _, reference = applied(house, mobile(), name="Twice Person", odia="")
    other = signed_in(house, RAMESH)
    agency = signed_in(house, ANJALI)
    key = key_of(agency, reference)
    other.get("/applications")
    assert key not in other.text
    assert other.get(f"/applications/{key}") == 403
    other.get("/applications")
    other.get("/staff")
    assert other.send(f"/applications/{key}/approve", {}) == 403
    agency.get(f"/applications/{key}")
    assert agency.send(f"/applications/{key}/approve", {}) == 200
    assert "waits for the agency" in agency.text
    assert agency.send(f"/applications/{key}/approve", {}) == 403
    assert house.odmail("person", "list", "twice.person").count("twice.person") == 0


def test_a_code_is_guessed_five_times_and_then_void(house):
    number = mobile()
    browser = Browser(house)
    browser.get("/apply")
    browser.send("/apply", form(number))
    right = code(house, number)
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    for _ in range(5):
        assert browser.send("/apply/code", {"code": wrong}) == 400
    assert browser.send("/apply/code", {"code": right}) == 400
    assert browser.get("/apply/address") == 200
    assert browser.url == "/apply/code"


def test_codes_are_not_sent_one_after_another(house):
    number = mobile()
    browser = Browser(house)
    browser.get("/apply")
    browser.send("/apply", form(number))
    browser.get("/apply")
    assert browser.send("/apply", form(number) | {"mobile": f"+91 {number}"}) == 400
    assert "A code was sent a moment ago" in browser.text


def test_an_unknown_reference_and_anothers_number_say_the_same_and_send_nothing(house):
    number, other = mobile(), mobile()
    _, reference = applied(house, number, name="Third Person", odia="")
    answers = []
    for asked, phone in ((reference, other), ("AAAAAAAA", mobile())):
        browser = Browser(house)
        browser.get("/apply/status")
        browser.send("/apply/status", {"reference": asked, "mobile": phone})
        answers.append((browser.status, browser.url, re.sub(r'value="[^"]*"', "", browser.text)))
        assert texts(house, phone, "code") == []
    assert answers[0] == answers[1]
    assert answers[0][1] == "/apply/status/code"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "<script>alert(1)</script>", "A name has letters"),
        ("name", "ବିକାଶa Swain", "mixes scripts"),
        ("mobile", "12345", "no Indian mobile number"),
        ("expires", "01-01-2001", "This day has passed."),
        ("search", "no such office", "No office is called so."),
        ("search", "collectorate", "Choose one of these offices."),
        ("office", "00000000-0000-0000-0000-000000000000", "Select a valid choice"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(house, field, value, said):
    browser = Browser(house)
    browser.get("/apply")
    assert browser.send("/apply", form(mobile()) | {field: value}) == 400
    assert said in browser.text
    assert "<script>alert" not in browser.text


@pytest.mark.parametrize(
    "wished", ["postmaster", "sasmita.nayak", "bаd", "a..b", "x@evil.example", "'; DROP", "r\u0b66ot"]
)
def test_an_address_that_is_taken_reserved_or_mixes_scripts_is_not_given_out(house, wished):
    number = mobile()
    browser = Browser(house)
    browser.get("/apply")
    browser.send("/apply", form(number, name="Wished Person"))
    browser.send("/apply/code", {"code": code(house, number)})
    assert browser.send("/apply/address", {"other": wished}) == 400


def test_whoever_is_called_as_a_reserved_word_is_proposed_another_address(house):
    number = mobile()
    browser = Browser(house)
    browser.get("/apply")
    browser.send("/apply", form(number, name="Root"))
    browser.send("/apply/code", {"code": code(house, number)})
    assert 'value="root2"' in browser.text
    assert 'value="root"' not in browser.text


def test_the_choice_of_offices_is_found_by_their_names_in_odia_and_english(house):
    browser = Browser(house)
    for text in ("puri", "%E0%AC%AA%E0%AD%81%E0%AC%B0%E0%AD%80"):
        assert browser.get(f"/apply/offices?search={text}") == 200
        assert "Revenue and Disaster Management Department › Collectorate, Puri" in browser.text


def test_a_form_sets_nothing_but_its_fields(house):
    number = mobile()
    _, reference = applied(house, number, name="Mass Person", state="made", checker="x", agent="x", account="x", due="")
    office = signed_in(house, PRAKASH)
    key_of(office, reference)
    assert "waits for the head of office" in office.text
