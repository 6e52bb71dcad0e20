"""The gateway: sign-in before the body, bodies counted, faults told, bugs hidden, nothing left open."""

import base64
import io

import pytest

from odcore.directory.model import AccountKind, AccountRef, Person
from odcore.errors import Fault, Kind
from odcore.identity.api import Credentials, Principal
from odcore.web.admission import Admission
from odcore.web.basic import Basic
from odcore.web.faults import STATUS
from odcore.web.gateway import Gateway
from odcore.web.mount import PRINCIPAL, Entry, Mount

ANNA = Person(id="a" * 8, dn="uid=anna", uid="anna", name="Anna", addresses=("anna@odisha.example",))
SIGNED_IN = Principal(ANNA, AccountRef(ANNA.id, AccountKind.PERSON, "anna", "anna@odisha.example"))


class Doorman:
    """A sign-in that knows anna/right, and counts."""

    def __init__(self) -> None:
        self.asked: list[Credentials] = []
        self.valid = True
        self.away = False

    def sign_in(self, credentials: Credentials) -> Principal:
        self.asked.append(credentials)
        if self.away:
            raise Fault(Kind.TRY_LATER, "The directory is away.")
        if (credentials.login, credentials.password) != ("anna", "right"):
            raise Fault(Kind.LOGIN, "The name or the password is wrong.")
        return SIGNED_IN

    def still_valid(self, principal: Principal) -> bool:
        return self.valid


class Unread:
    """A body nobody may touch."""

    def read(self, size: int = -1) -> bytes:
        raise AssertionError("the body was read")


def says(what):
    """An application."""

    def app(environ, start_response):
        start_response("200 OK", [])
        return [what(environ)]

    return app


class Wire:
    """A gateway, and what comes out of it."""

    def __init__(self, app, **mount) -> None:
        self.doorman = Doorman()
        self.observed: list[tuple] = []
        mounts = [Mount("/box", app, "dav", **mount), Mount("", says(lambda _: b"root"), "web")]
        self.gateway = Gateway(
            mounts, Basic(self.doorman), Admission(2, 1), Admission(2, 1), lambda *told: self.observed.append(told)
        )

    def ask(self, method="GET", path="/box/x", body=b"", **more):
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "REMOTE_ADDR": "192.0.2.1",
            "wsgi.input": io.BytesIO(body) if isinstance(body, bytes) else body,
        }
        if isinstance(body, bytes) and body and "HTTP_TRANSFER_ENCODING" not in more:
            environ["CONTENT_LENGTH"] = str(len(body))
        environ |= more
        answer = self.answer = self.gateway(environ, self._start)
        self.octets = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        return self.status

    def _start(self, status, headers) -> None:
        self.status, self.headers = status, dict(headers)


def echo(environ, start_response):
    """What the application was given."""
    octets = environ["wsgi.input"].read()
    start_response("200 OK", [("X-Seen", f"{environ['SCRIPT_NAME']}|{environ['PATH_INFO']}|{len(octets)}")])
    return [octets]


def basic(login="anna", password="right") -> str:
    return "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()


def test_an_application_sees_its_prefix_apart_from_the_rest():
    wire = Wire(echo)
    assert wire.ask(path="/box/a/b") == "200 OK"
    assert wire.headers["X-Seen"] == "/box|/a/b|0"
    assert wire.ask(path="/boxer") == "200 OK"
    assert wire.octets == b"root"


def test_without_credentials_the_answer_is_401_at_once_and_the_body_is_not_read():
    wire = Wire(echo, entry=Entry.SIGNED_IN)
    assert wire.ask("PUT", body=Unread(), CONTENT_LENGTH="9").startswith("401")
    assert wire.headers["WWW-Authenticate"].startswith("Basic")
    assert wire.doorman.asked == []


def test_wrong_credentials_are_401_and_the_body_is_not_read():
    wire = Wire(echo, entry=Entry.SIGNED_IN)
    assert wire.ask("PUT", body=Unread(), CONTENT_LENGTH="9", HTTP_AUTHORIZATION=basic("anna", "x")).startswith("401")


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Bearer abc", "Basic " + "A" * 2000, "Basic YW5uYQ=="])
def test_what_is_no_basic_header_is_401(header):
    wire = Wire(echo, entry=Entry.SIGNED_IN)
    assert wire.ask(HTTP_AUTHORIZATION=header).startswith("401")
    assert wire.doorman.asked == []


def test_a_directory_that_is_away_is_503_and_never_401():
    wire = Wire(echo, entry=Entry.SIGNED_IN)
    wire.doorman.away = True
    assert wire.ask(HTTP_AUTHORIZATION=basic()).startswith("503")
    assert "Retry-After" in wire.headers


def test_many_requests_of_an_app_are_one_sign_in_until_it_no_longer_holds():
    wire = Wire(says(lambda environ: environ[PRINCIPAL].person.uid.encode()), entry=Entry.SIGNED_IN)
    for _ in range(3):
        assert wire.ask(HTTP_AUTHORIZATION=basic()) == "200 OK"
        assert wire.octets == b"anna"
    assert len(wire.doorman.asked) == 1
    wire.doorman.valid = False
    wire.ask(HTTP_AUTHORIZATION=basic())
    assert len(wire.doorman.asked) == 2


def test_a_windows_login_loses_its_domain():
    wire = Wire(echo, entry=Entry.SIGNED_IN)
    assert wire.ask(HTTP_AUTHORIZATION=basic("ODISHA\\anna")) == "200 OK"


def test_options_may_come_before_sign_in_where_the_mount_says_so():
    wire = Wire(echo, entry=Entry.SIGNED_IN, open_methods=frozenset({"OPTIONS"}))
    assert wire.ask("OPTIONS") == "200 OK"
    assert wire.ask("GET").startswith("401")


def test_too_much_announced_is_413_unread():
    wire = Wire(echo, max_body=5)
    assert wire.ask("PUT", body=Unread(), CONTENT_LENGTH="6").startswith("413")


def test_too_much_in_chunks_is_413_though_the_application_never_hears_of_it():
    wire = Wire(echo, max_body=5)
    assert wire.ask("PUT", body=b"123456", HTTP_TRANSFER_ENCODING="chunked").startswith("413")


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize("header", ["CONTENT_LENGTH", "HTTP_X_EXPECTED_ENTITY_LENGTH", "HTTP_OC_TOTAL_LENGTH"])
def test_a_body_cut_short_is_400(streams, header):
    wire = Wire(echo, streams=streams)
    more = {header: "9", "HTTP_TRANSFER_ENCODING": "chunked"}
    assert wire.ask("PUT", body=b"1234", **more).startswith("400")


def test_a_body_cut_short_is_400_also_when_the_application_makes_a_success_of_it():
    def careless(environ, start_response):
        try:
            environ["wsgi.input"].read()
        except Fault:
            start_response("204 No Content", [])
        return []

    assert Wire(careless, streams=True).ask("PUT", body=b"1", CONTENT_LENGTH="2").startswith("400")


def test_chunks_have_a_length_when_the_application_is_called():
    def lengthy(environ, start_response):
        start_response("200 OK", [])
        return [environ["CONTENT_LENGTH"].encode(), b"|", environ["wsgi.input"].read()]

    wire = Wire(lengthy)
    wire.ask("PUT", body=b"abc", HTTP_TRANSFER_ENCODING="chunked")
    assert wire.octets == b"3|abc"


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize(("chunked", "reads"), [({}, 1), ({"HTTP_TRANSFER_ENCODING": "chunked"}, 2)])
def test_the_server_is_asked_for_more_only_where_more_may_come(streams, chunked, reads):
    class Counted(io.BytesIO):
        reads = 0

        def read(self, size=-1):
            self.reads += 1
            return super().read(size)

    wire, body = Wire(echo, streams=streams), Counted(b"1234")
    assert wire.ask("PUT", body=body, CONTENT_LENGTH="4", **chunked).startswith("200")
    assert body.reads == reads


def test_lines_of_a_streamed_body_are_as_they_were_sent():
    def lines(environ, start_response):
        start_response("200 OK", [])
        return [b"|".join(environ["wsgi.input"])]

    wire = Wire(lines, streams=True)
    wire.ask("PUT", body=b"a\r\nb\n\nc")
    assert wire.octets == b"a\r\n|b\n|\n|c"


@pytest.mark.parametrize("length", ["-1", "1 ", "٣", "0x10", "1,1"])
def test_a_length_that_is_no_number_is_400(length):
    assert Wire(echo).ask("PUT", body=Unread(), CONTENT_LENGTH=length).startswith("400")


@pytest.mark.parametrize("path", ["", "box", "/a\0b", "/a\r\nb", "*"])
def test_what_is_no_path_is_400(path):
    assert Wire(echo).ask(path=path).startswith("400")


def test_another_sites_page_changes_nothing():
    wire = Wire(echo)
    assert wire.ask("POST", body=b"x", HTTP_SEC_FETCH_SITE="cross-site").startswith("403")
    assert wire.ask("GET", HTTP_SEC_FETCH_SITE="cross-site") == "200 OK"


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_fault_has_a_status(kind):
    def refuses(environ, start_response):
        raise Fault(kind, "No.")

    wire = Wire(refuses)
    assert wire.ask() == STATUS[kind]
    assert wire.octets == b"No.\n"


def test_a_bug_is_500_with_a_reference_and_tells_nothing():
    def broken(environ, start_response):
        raise RuntimeError("secret")

    wire = Wire(broken)
    assert wire.ask().startswith("500")
    assert b"secret" not in wire.octets
    assert wire.headers["X-Request-Id"].encode() in wire.octets


def test_a_status_decided_late_is_the_one_that_is_sent():
    def late(environ, start_response):
        start_response("207 Multi-Status", [])
        yield b"a"
        yield b"b"

    wire = Wire(late)
    assert wire.ask() == "207 Multi-Status"
    assert wire.octets == b"ab"
    assert wire.observed[0][:3] == ("dav", "GET", "207")


class Parts:
    """An answer in parts that says when it is closed."""

    def __init__(self, parts) -> None:
        self.parts, self.closed = parts, 0

    def __iter__(self):
        return iter(self.parts)

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_an_answer_of_one_part_leaves_in_one_piece_and_each_is_closed_once(count):
    parts = Parts([b"%d" % number for number in range(count)])

    def app(_environ, start_response):
        start_response("200 OK", [])
        return parts

    wire = Wire(app)
    wire.ask()
    assert (wire.octets, parts.closed) == (b"".join(parts.parts), 1)
    assert isinstance(wire.answer, list) is (count < 2)


def test_one_account_cannot_hold_all_places_for_long_answers():
    parts = [Parts([b"a", b"b"]) for _ in range(3)]
    waiting = list(parts)

    def app(_environ, start_response):
        start_response("200 OK", [])
        return waiting.pop(0)

    wire = Wire(app)
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/box/x", "REMOTE_ADDR": "192.0.2.1", "wsgi.input": io.BytesIO()}
    slow = wire.gateway(dict(environ), wire._start)
    assert wire.ask().startswith("503")
    assert wire.headers["Retry-After"]
    assert parts[1].closed == 1
    slow.close()
    assert wire.ask() == "200 OK"
    assert [each.closed for each in parts] == [1, 1, 1]


def test_each_answer_says_nosniff_and_how_to_come_back():
    wire = Wire(echo)
    wire.ask()
    assert wire.headers["X-Content-Type-Options"] == "nosniff"
    assert "Strict-Transport-Security" in wire.headers


def test_one_account_cannot_hold_all_places_for_bodies():
    inner = []

    def nested(environ, start_response):
        inner.append(Wire.ask(wire, "PUT", body=b"y") if len(inner) < 1 else "")
        start_response("200 OK", [])
        return []

    wire = Wire(nested)
    wire.ask("PUT", body=b"x")
    assert any(each.startswith("503") for each in inner if each)
    assert wire.ask("PUT", body=b"x") == "200 OK"
