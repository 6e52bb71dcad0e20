"""The API for other programs: people, posts, applications and the queue by token, within its owner's rights."""

import json
import urllib.error
import urllib.request

import pytest

from odcore import clock
from odcore.blob.incoming import Memory
from odmail.queue.api import Accept
from odmail.queue.model import Envelope, Origin, Recipient
from odmail.queue.store import SqliteQueue
from odtest.browser import Browser
from odtest.daemon import Daemon, until
from odtest.portrait import portrait

PRAKASH = "prakash.behera"  # nodal officer of Khordha
ABDUL = "abdul.rahim"  # administers nothing
ANJALI = "anjali.mohanty"  # administers everything
QUEUE = ("--scope", "queue", "--scope", "queue-write")
BOTH = ("--scope", "people", "--scope", "people-write")


class Program:
    """Another program with a token; `status` and `told` are those of the last answer."""

    def __init__(self, house: Daemon, uid: str = PRAKASH, *scopes: str) -> None:
        self.house = house
        printed = house.odmail("token", "issue", uid, *(scopes or BOTH)) if uid else "token: x.y"
        self.token = printed.split()[-1]

    def ask(self, method: str, path: str, given: object = None, **headers: str) -> int:
        body = given if isinstance(given, bytes | None) else json.dumps(given).encode()
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
        self.told = json.loads(octets) if octets[:1] in (b"{", b"[") else octets
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


def test_an_employee_number_may_have_any_letters_and_an_account_ends_with_its_last_day(program):
    """The longest there is would be too long for a file's name."""
    wanted = new("4", name="Any Letters", employee="\U00010428" * 64, expires="2040-05-31")
    assert [program.ask("POST", "/people", wanted) for _ in range(2)] == [201, 200], program.told
    key = program.told["id"]
    assert program.told["expires"] == "2040-05-31T18:29:59Z"
    assert program.ask("PATCH", f"/people/{key}", {"expires": "2040-06-30"}) == 200
    assert program.told["expires"] == "2040-06-30T18:29:59Z"


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


def test_a_photograph_is_set_looked_at_and_removed(program):
    parts = b'--limit\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n%b\r\n--limit--\r\n'
    path, form = "/people/sunita.hembram/photo", {"Content-Type": "multipart/form-data; boundary=limit"}
    assert program.ask("POST", path, parts % b"GIF89a", **form) == 400
    assert program.ask("POST", path, parts % portrait("PNG"), **form) == 204
    assert program.ask("GET", path) == 200
    assert program.told[:3] == b"\xff\xd8\xff"
    assert program.ask("POST", "/people/arjun.majhi/photo", parts % portrait(), **form) == 403
    assert [program.ask("DELETE", path), program.ask("GET", path)] == [204, 404]


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


@pytest.fixture
def postmaster(house) -> Program:
    return Program(house, ANJALI, *QUEUE)


def test_the_queue_is_for_who_administers_all_and_for_its_own_scopes(house, postmaster):
    nodal, other = Program(house, PRAKASH, *QUEUE), Program(house, ANJALI, *BOTH)
    for path in ("/queue", "/destinations", "/traces?text=x@odisha.example"):
        assert [each.ask("GET", path) for each in (postmaster, nodal, other)] == [200, 403, 401]
    reader = Program(house, ANJALI, "--scope", "queue")
    wanted = {"messages": ["aaaaaaaaaaaa"]}
    for action, more in (("hold", {}), ("release", {}), ("retry", {}), ("bounce", {}), ("reroute", {"via": ""})):
        assert reader.ask("POST", f"/queue/{action}", wanted | more) == 401
        assert postmaster.ask("POST", f"/queue/{action}", wanted | more) == 200
        assert postmaster.told == {"count": 0}
        assert postmaster.ask("POST", f"/queue/{action}", {"messages": []} | more) == 422
    assert postmaster.ask("GET", "/people?text=sunita") == 401


def test_a_message_is_looked_at_held_rerouted_given_back_and_its_path_told(house, postmaster):
    spool = SqliteQueue(house.folder / "queue", lambda message: None)
    envelope = Envelope(f"{ABDUL}@odisha.example", (Recipient("far@outside.example"),))
    later = clock.timestamp() + 3600
    name = spool.accept(Accept(envelope, Origin("submission"), Memory(b"Subject: x\r\n\r\nx\r\n"), due=later))
    spool.close()
    chosen = {"messages": [name]}
    assert postmaster.ask("GET", f"/queue?text={name}&status=waiting") == 200
    [found] = postmaster.told
    assert (found["id"], found["sender"], found["via"]) == (name, f"{ABDUL}@odisha.example", "")
    assert [(each["address"], each["status"]) for each in found["recipients"]] == [("far@outside.example", "waiting")]
    assert postmaster.ask("GET", "/destinations") == 200
    assert ("outside.example", "open", 1) in [
        (each["name"], each["state"], each["waiting"]) for each in postmaster.told
    ]
    steps = (
        ("hold", {}, 200),
        ("reroute", {"via": "mail2.example:25"}, 200),
        ("reroute", {"via": "nonsense"}, 400),
        ("bounce", {"reason": "not this way"}, 200),
    )
    for action, more, status in steps:
        assert postmaster.ask("POST", f"/queue/{action}", chosen | more) == status, postmaster.told
        if action == "hold":
            assert postmaster.ask("GET", f"/queue/{name}") == 200
            assert postmaster.told["recipients"][0]["status"] == "held"
    assert postmaster.ask("GET", f"/queue/{name}") == 404
    assert postmaster.ask("GET", "/queue/aaaaaaaaaaaa") == 404

    def told() -> list[str]:
        postmaster.ask("GET", f"/traces?text={name}")
        return [step["what"] for story in postmaster.told for step in story["steps"] if story["id"] == name]

    until(lambda: "bounced" in told(), lambda: f"its path: {told()}")
    anjali = json.loads(house.odmail("person", "show", ANJALI, "--json"))["id"]
    done = [(each["event"], each["actor"]) for each in json.loads(house.odmail("audit", "list", "--json"))
            if each["subject"] == name]  # fmt: skip
    for event in ("queue-held", "queue-rerouted", "queue-bounced", "mail-traced"):
        assert (event, anjali) in done
    assert postmaster.ask("GET", f"/traces?text={name}&since=2026-01-01T10:00:00") == 422  # an instant needs its zone


def test_the_schema_is_open_to_all_and_names_every_path(house):
    browser = Browser(house)
    assert browser.get("/api/v1/openapi.json") == 200
    assert {"/api/v1/people", "/api/v1/posts/{key}/charges", "/api/v1/queue/bounce", "/api/v1/traces"} <= json.loads(
        browser.text
    )["paths"].keys()
