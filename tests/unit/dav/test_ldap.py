"""The LDAP engine without a socket: who may ask, what is refused, and what no client can do to it."""

import pytest

from odcore.errors import Fault, Kind
from oddav.ldap.ber import MOST, OCTETS, SEQUENCE, element, number
from oddav.ldap.reader import DEEPEST, MOST_PARTS
from oddav.ldap.session import CODES
from oddav.ldap.types import Code
from odtest.house import PASSWORD, SASMITA
from odtest.ldap import BASE, Client, bind, code, cookie, equal, names, paged, present, search, text

WHO_AM_I = element(0x77, text("1.3.6.1.4.1.4203.1.11.3", 0x80))
LAST_WORDS = b"1.3.6.1.4.1.1466.20036"


@pytest.fixture(params=[False, True], ids=["whole", "bytewise"])
def client(request: pytest.FixtureRequest) -> Client:
    return Client(split=request.param)


@pytest.fixture
def known(client: Client) -> Client:
    """Signed in."""
    assert code(client.ask(bind())) == Code.SUCCESS
    return client


def ended(client: Client, answers: list[dict]) -> Code:
    """Why the server hangs up, as it says itself."""
    assert client.closed
    assert answers[-1]["messageID"] == 0
    assert answers[-1]["payload"][3][3] == LAST_WORDS
    return Code(code(answers))


def test_every_kind_of_failure_has_one_code():
    assert set(CODES) == set(Kind)


def test_nobody_reads_more_than_what_the_server_tells_of_itself(client: Client):
    [root, done] = client.ask(search(base="", scope=0))
    assert root["payload"][0][3] == b""
    assert code([done]) == Code.SUCCESS
    for operation in (search(), search(base=""), element(0x6E, text(BASE), element(SEQUENCE, text("cn"), text("x")))):
        assert code(client.ask(operation)) == Code.INSUFFICIENT_ACCESS_RIGHTS
    assert code(client.ask(bind("", ""))) == Code.SUCCESS, "it asks to be nobody"
    assert code(client.ask(search())) == Code.INSUFFICIENT_ACCESS_RIGHTS
    assert client.tree.asked == []


def test_a_sign_in_lets_search_and_the_next_one_begins_anew(known: Client):
    assert len(names(known.ask(search()))) == known.tree.count
    assert known.ask(WHO_AM_I)[0]["payload"][3][3] == f"u:{SASMITA.addresses[0]}".encode()
    assert code(known.ask(bind(password="wrong"))) == Code.INVALID_CREDENTIALS
    assert known.ask(WHO_AM_I)[0]["payload"][3][3] == b""
    assert code(known.ask(search())) == Code.INSUFFICIENT_ACCESS_RIGHTS
    assert code(known.ask(bind())) == Code.SUCCESS, "the place of the one before was given back"
    assert known.measured[0] == ("bind", "ok")


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (bind(password=""), Code.UNWILLING_TO_PERFORM),
        (bind(version=2), Code.PROTOCOL_ERROR),
        (element(0x60, number(3), text(""), element(0xA3, text("PLAIN"))), Code.AUTH_METHOD_NOT_SUPPORTED),
        (element(0x60, number(3), text("x"), element(0x80, b"\xff")), Code.PROTOCOL_ERROR),
        (element(0x60, number(3)), Code.PROTOCOL_ERROR),
    ],
    ids=["no password", "version 2", "a mechanism", "no text", "half"],
)
def test_a_sign_in_that_is_none(client: Client, operation: bytes, expected: Code):
    assert code(client.ask(operation)) == expected
    assert not client.closed
    assert code(client.ask(bind(f"uid=sasmita.nayak,{BASE}"))) == Code.SUCCESS


def test_three_failures_end_the_connection(client: Client):
    for _ in range(2):
        assert code(client.ask(bind(password="wrong"))) == Code.INVALID_CREDENTIALS
    last = client.ask(bind(password="wrong"))
    assert code(last[:1]) == Code.INVALID_CREDENTIALS
    assert ended(client, last) == Code.STRONGER_AUTH_REQUIRED


def test_one_account_has_so_many_sessions(known: Client):
    other = Client()
    other.session.house = known.session.house
    assert code(other.ask(bind())) == Code.BUSY
    known.session.lost()
    assert code(other.ask(bind())) == Code.SUCCESS


@pytest.mark.parametrize(
    ("operation", "answer"),
    [(element(0x66, b""), 7), (element(0x68, b""), 9), (text(BASE, 0x4A), 11), (element(0x6C, b""), 13)],
    ids=["modify", "add", "delete", "rename"],
)
def test_nothing_can_be_written(known: Client, operation: bytes, answer: int):
    [told] = known.ask(operation)
    assert (told["protocolOp"], code([told])) == (answer, Code.UNWILLING_TO_PERFORM)


def test_a_comparison_says_yes_no_or_that_there_is_nothing_to_compare(known: Client):
    def asked(attribute: str, value: str) -> bytes:
        return element(0x6E, text(f"mail=p0@odisha.example,{BASE}"), element(SEQUENCE, text(attribute), text(value)))

    assert code(known.ask(asked("cn", "P0"))) == Code.COMPARE_TRUE
    assert code(known.ask(asked("cn", "P1"))) == Code.COMPARE_FALSE
    assert code(known.ask(asked("shoeSize", "7"))) == Code.NO_SUCH_ATTRIBUTE


def test_pages_are_what_a_whole_search_would_tell(known: Client):
    whole = names(known.ask(search()))
    found, at, pages = [], b"", 0
    while pages == 0 or at:
        answers = known.ask(search(), paged(2, at))
        found, at, pages = found + names(answers), cookie(answers), pages + 1
        assert code(answers) == Code.SUCCESS
    assert (found, pages) == (whole, 3)
    assert len(known.tree.asked) == 2, "the book was searched once for all pages"


def test_the_last_page_says_that_there_was_more(known: Client):
    known.tree.more = True
    assert code(known.ask(search())) == Code.SIZE_LIMIT_EXCEEDED
    answers = known.ask(search(), paged(3))
    assert code(answers) == Code.SUCCESS
    assert code(known.ask(search(), paged(3, cookie(answers)))) == Code.SIZE_LIMIT_EXCEEDED


def test_pages_that_are_gone_are_not_continued(known: Client):
    answers = known.ask(search(), paged(2))
    known.ask(search())
    assert code(known.ask(search(), paged(2, cookie(answers)))) == Code.UNWILLING_TO_PERFORM
    answers = known.ask(search(), paged(2))
    last = known.ask(search(), paged(0, cookie(answers)))
    assert (names(last), cookie(last), code(last)) == ([], b"", Code.SUCCESS), "RFC 2696 3"


def test_a_control_that_must_be_heeded_and_is_not_known(known: Client):
    def control(critical: bytes) -> bytes:
        return element(0xA0, element(SEQUENCE, text("1.2.840.113556.1.4.473"), critical, element(OCTETS, b"\x30\x00")))

    assert code(known.ask(search(), control(element(1, b"\xff")))) == Code.UNAVAILABLE_CRITICAL_EXTENSION
    assert code(known.ask(search(), control(element(1, b"\x00")))) == Code.SUCCESS
    assert code(known.ask(search(), control(b""))) == Code.SUCCESS


def test_only_what_was_asked_for_is_told(known: Client):
    known.tree.count = 1
    [entry, _] = known.ask(search(wanted=("CN",)))
    assert b"P0" in repr(entry["payload"]).encode()
    for wanted in (("1.1",), ("shoeSize",)):
        [entry, _] = known.ask(search(wanted=wanted))
        assert entry["payload"][1][3] == [], wanted


def test_windows_writes_all_lengths_in_four_octets(known: Client):
    def long(octets: bytes, tag: int = SEQUENCE) -> bytes:
        return bytes((tag, 0x84)) + len(octets).to_bytes(4, "big") + octets

    body = search()[2:]
    assert names(known.send(long(number(9) + long(body, 0x63))))


def test_unbind_and_abandon_are_not_answered(known: Client):
    assert known.ask(number(1, 0x50)) == []
    assert not known.closed
    assert known.ask(element(0x42)) == []
    assert known.closed


def test_many_at_once_are_answered_in_their_order(client: Client):
    said = [bind(), search(size=1), WHO_AM_I, element(0x42)]
    answers = client.send(b"".join(element(SEQUENCE, number(at), each) for at, each in enumerate(said, 1)))
    assert [each["messageID"] for each in answers] == [1, *[2] * 6, 3]


@pytest.mark.parametrize(
    "octets",
    [
        b"GET / HTTP/1.1\r\n",
        b"\x30\x84\x7f\xff\xff\xff",
        b"\x30\x80\x02\x01",
        b"\x30\x85\x00\x00\x00\x00\x01",
        element(SEQUENCE, b"x" * (MOST + 1)),
        element(SEQUENCE, number(0), element(0x42)),
        element(SEQUENCE, number(1)),
        element(SEQUENCE, number(1), element(0x7E)),
        element(SEQUENCE, number(1), element(0x7F)),
        element(SEQUENCE, element(2, b"\1" * 9), element(0x42)),
        element(SEQUENCE, number(1), b"\x63\x05\x00"),
        element(SEQUENCE, number(1), element(0x42), element(0xA0, element(SEQUENCE, text("1.2")) * 20)),
    ],
    ids=range(12),
)
def test_what_is_not_ldap_ends_the_connection(client: Client, octets: bytes):
    assert ended(client, client.send(octets)) == Code.PROTOCOL_ERROR


@pytest.mark.parametrize("operation", [0xA2, 0xA0])
def test_filters_that_are_too_deep_or_too_long_are_refused(known: Client, operation: int):
    deep = present()
    for _ in range(DEEPEST + 1):
        deep = element(operation, deep)
    wide = element(0xA1, present() * (MOST_PARTS + 1))
    for asked in (deep, wide):
        assert code(known.ask(search(asked))) == Code.ADMIN_LIMIT_EXCEEDED
    assert code(known.ask(search(equal("cn", "x")))) == Code.SUCCESS


def test_deepest_nesting_that_fits_a_message_costs_nothing(known: Client):
    deep = present()
    while len(deep) < MOST - 200:
        deep = element(0xA2, deep)
    assert code(known.ask(search(deep))) == Code.ADMIN_LIMIT_EXCEEDED


def test_a_session_ends_with_the_access_it_rests_on(known: Client):
    known.department.disabled.add(SASMITA.id)
    assert ended(known, known.ask(search())) == Code.STRONGER_AUTH_REQUIRED


def test_trouble_is_told_and_the_session_goes_on(known: Client):
    for fault, expected in (
        (Fault(Kind.TRY_LATER, "The directory does not answer."), Code.UNAVAILABLE),
        (Fault(Kind.LIMIT, "That was a lot."), Code.BUSY),
        (ZeroDivisionError(), Code.OTHER),
    ):
        known.tree.fault = fault
        answers = known.ask(search())
        assert code(answers) == expected
        assert PASSWORD not in repr(answers)
    known.tree.fault = None
    assert code(known.ask(search())) == Code.SUCCESS
