"""The API for other programs: people, posts and applications by token, within the rights of the token's owner."""

import json
import urllib.error
import urllib.request

import pytest

from odtest.browser import Browser
from odtest.daemon import Daemon

PRAKASH = "prakash.behera"  # nodal officer of Khordha
ABDUL = "abdul.rahim"  # administers nothing
BOTH = ("--scope", "people", "--scope", "people-write")


class Program:
    """Another program with a token; `status` and `told` are those of the last answer."""

    def __init__(self, house: Daemon, uid: str = PRAKASH, *scopes: str) -> None:
        self.house = house
        printed = house.odmail("token", "issue", uid, *(scopes or BOTH)) if uid else "token: x.y"
        self.token = printed.split()[-1]

    def ask(self, method: str, path: str, given: object = None, **headers: str) -> int:
        body = json.dumps(given).encode() if given is not None else None
        request = urllib.request.Request(f"https://localhost:{self.house.ports['https']}/api/v1{path}", body)
        request.method = method
        request.add_header("Content-Type", "application/json")
        request.add_header("Authorization", f"Bearer {self.token}")
        for name, value in headers.items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, context=self.house.tls(), timeout=20) as answer:
                self.status, octets = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            self.status, octets = error.code, error.read()
        self.told = json.loads(octets)
        return self.status


@pytest.fixture
def program(house) -> Program:
    return Program(house)


def new(number: str, **more: object) -> dict[str, object]:
    given = {"name": f"Hrms {number}", "employee": f"H-{number}", "office": "khordha", "title": "Clerk"}
    return given | more


def letters(number: int) -> str:
    """A name has none but letters."""
    return "".join("abcdefghij"[int(each)] for each in str(number)).title()


def test_a_person_is_made_once_however_often_it_is_sent_and_changed(house, program):
    wanted = new("1", name="Asha " + letters(101), mobile="9437300101", expires="2040-05-31")
    assert program.ask("POST", "/people", wanted) == 201
    key = program.told["id"]
    assert program.ask("POST", "/people", wanted) == 200
    assert program.told["id"] == key
    assert program.ask("PATCH", f"/people/{key}", {"title": "Head Clerk", "active": False, "unlisted": True}) == 200
    assert program.told["unlisted"]
    assert (program.told["title"], program.told["active"], program.told["mobile"]) == (
        "Head Clerk",
        False,
        "+919437300101",
    )
    assert program.ask("GET", "/people?text=H-1") == 200
    assert [each["id"] for each in program.told] == [key]
    assert program.ask("GET", "/people/nobody.at.all") == 404


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        (new("2", isAdmin=True), 422),
        (new("2", quota=1), 422),
        (new("2", office="puri"), 409),
        (new("2", name="<script>alert(1)</script>"), 409),
        (new("2", name="Mobile Bad", mobile="123"), 409),
        (new("2", name="Contract Bad", contract=True), 409),
        (new("2", name="Reserved Bad", address="postmaster"), 409),
        ({"name": "x"}, 422),
    ],
)
def test_what_may_not_be_is_refused_with_a_reason(program, wanted, status):
    assert program.ask("POST", "/people", wanted) == status, program.told


def test_a_token_acts_within_its_scope_and_its_owners_rights(house):
    reader = Program(house, PRAKASH, "--scope", "people")
    assert reader.ask("GET", "/people?text=sunita") == 200
    assert reader.ask("POST", "/people", new("3")) == 401
    assert Program(house, PRAKASH, "--scope", "mail").ask("GET", "/people?text=sunita") == 401
    assert Program(house, "").ask("GET", "/people?text=sunita") == 401
    other = Program(house, ABDUL)
    assert other.ask("GET", "/people?text=sunita") == 403
    assert other.ask("POST", "/people", new("3")) == 403
    writer = Program(house)
    assert writer.ask("GET", "/people/arjun.majhi") == 403
    assert writer.ask("PATCH", "/people/arjun.majhi", {"title": "x"}) == 403
    assert writer.ask("POST", "/posts", {"short": "foreign", "title": "x", "office": "puri"}) == 403
    assert writer.ask("PATCH", "/people/sunita.hembram", {"office": "puri"}) == 403
    assert writer.ask("GET", "/posts/collector.puri") == 403


def test_a_browsers_session_opens_nothing_here(house):
    browser = Browser(house)
    browser.sign_in("prakash.behera@odisha.example", house.people["prakash.behera@odisha.example"].password)
    assert browser.get("/api/v1/people?text=sunita") == 401


def test_posts_are_made_once_charges_are_given_and_history_is_told(house, program):
    wanted = {"short": "api.post", "title": "Record Keeper", "odia": "ନଥି ରକ୍ଷକ", "office": "khordha"}
    assert [program.ask("POST", "/posts", wanted) for _ in range(2)] == [201, 200]
    assert program.told["names"] == {"or": "ନଥି ରକ୍ଷକ"}
    assert program.ask("POST", "/posts", wanted | {"title": "Another"}) == 409
    assert program.ask("POST", "/posts", wanted | {"short": "postmaster"}) == 403
    assert program.ask("POST", "/posts", wanted | {"quota": 1}) == 422
    assert program.ask("POST", "/posts/api.post/charges", {"to": "sunita.hembram", "order": ""}) == 422
    assert program.ask("POST", "/posts/api.post/charges", {"to": "nobody.at.all", "order": "GA-1"}) == 404
    naive = {"to": "sunita.hembram", "order": "GA-1", "at": "2026-01-01T10:00:00"}
    assert program.ask("POST", "/posts/api.post/charges", naive) == 400
    dated = naive | {"at": "2026-01-01T10:00:00+05:30"}
    assert program.ask("POST", "/posts/api.post/charges", dated) == 200
    assert program.ask("POST", "/posts/api.post/charges", {"how": "vacant", "order": "GA-2"}) == 200
    assert program.ask("GET", "/posts/api.post") == 200
    [charge] = program.told["charges"]
    assert (charge["order"], charge["start"][:16]) == ("GA-1", "2026-01-01T04:30")
    assert charge["end"]


def test_applications_are_listed_by_state(program):
    assert program.ask("GET", "/applications?state=office") == 200
    assert program.ask("GET", "/applications?state=nonsense") == 422
    assert program.ask("GET", "/applications/00000000-0000-0000-0000-000000000000") == 404
    assert program.ask("POST", "/applications/x/decision", {"approve": True}) == 404


def test_the_schema_is_open_to_all_and_names_every_path(house):
    browser = Browser(house)
    assert browser.get("/api/v1/openapi.json") == 200
    assert {"/api/v1/people", "/api/v1/posts/{key}/charges"} <= json.loads(browser.text)["paths"].keys()
