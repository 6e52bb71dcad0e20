"""What the suite answers to hostile IMAP, what it costs, and that mail goes on: A3, A18, A19, A21-A25, A28."""

import contextlib
from collections.abc import Iterator

import pytest

from odtest.daemon import Daemon, until
from odtest.hostile import deep_parts, many_fields
from odtest.wire import MIB, Wire, serves, siege

OWNER = "mamata.jena@odisha.example"


@pytest.fixture
def besieged(house: Daemon) -> Iterator[Daemon]:
    """The suite, which must bear with what the test does, and serve afterwards."""
    with siege(house):
        yield house


def entered(house: Daemon, mailbox: str = "") -> Wire:
    """Signed in, in TLS."""
    client = Wire(house, "imaps")
    client.sign_in(OWNER)
    assert client.ask(b"ENABLE UTF8=ACCEPT")[-1].startswith(b"a OK")
    if mailbox:
        client.ask(f"CREATE {mailbox}".encode())
        assert client.ask(f"SELECT {mailbox}".encode())[-1].startswith(b"a OK")
    return client


def append(client: Wire, mailbox: str, message: bytes) -> None:
    """Without waiting for the go-ahead."""
    client.send(f"a APPEND {mailbox} {{{len(message)}+}}\r\n".encode(), message, b"\r\n")
    assert client.answers()[-1].startswith(b"a OK")


@pytest.mark.parametrize("size", ["8193", "2147483648", "99999999999", "9" * 60])
def test_a_huge_literal_of_a_stranger_is_refused_unread(besieged: Daemon, size: str):
    """A21: announced, the session goes on; on its way already, the session ends."""
    for before in (
        "",
        "LOGIN ",
        "LOGIN x ",
        "ID (",
        'ID ("name" ',
        "SELECT ",
        "APPEND INBOX ",
        "XYZZY ",
        "~",
        "SEARCH ",
    ):
        with Wire(besieged, "imap") as client:
            client.send(f"a {before}{{{size}}}\r\n".encode())
            answer = client.answers()[-1]
            assert answer.startswith((b"a BAD [TOOBIG] ", b"a BAD APPEND cannot be given now")), (before, answer)
            assert client.ask(b"NOOP") == [b"a OK NOOP completed\r\n"]
            client.send(f"a {before}{{{size}+}}\r\n".encode())
            if not before.startswith("APPEND") or size != "8193":
                said = client.rest()
                assert said.splitlines()[-1].startswith(b"* BYE [TOOBIG]"), (before, said)
                assert b"\n+ " not in said


def test_the_octets_of_a_refused_literal_are_no_commands(besieged: Daemon):
    with Wire(besieged, "imap") as client:
        client.send(b"a ID {2147483648+}\r\n", *[b"b NOOP\r\n" * 8192] * 100)
        said = client.rest()
        assert said.startswith(b"a BAD [TOOBIG]")
        assert b"b OK" not in said


def test_many_literals_of_a_stranger_are_refused(besieged: Daemon):
    with Wire(besieged, "imap") as client:
        client.send(b"a ID (" + b"{1+}\r\nx " * 1000 + b")\r\n")
        assert b"* BYE [TOOBIG]" in client.rest()


@pytest.mark.parametrize("size", [MIB, 5 * MIB])
def test_a_line_too_long_is_refused_and_ends_the_session(besieged: Daemon, size: int):
    """Before and after sign-in, with and without an end."""
    for client in (Wire(besieged, "imap"), Wire(besieged, "imaps"), entered(besieged)):
        with client:
            client.send(b"a NOOP " + b"x" * size, b"\r\n")
            said = client.rest()
            assert said.splitlines()[-1] == b"* BYE Line too long", said


def test_nothing_but_line_ends_costs_little(house: Daemon):
    with siege(house, cpu=3):
        for client in (Wire(house, "imap"), entered(house)):
            with client:
                client.send(*[b"\r\n" * 50_000] * 200)
                client.send(b"a NOOP\r\n")
                assert client.rest_or(b"a OK NOOP completed\r\n")


@pytest.mark.parametrize("command", [b"NOOP", b"CAPABILITY"])
def test_a_client_that_never_reads_is_not_read_either(house: Daemon, command: bytes):
    """A18: answers do not heap up. CPU goes into what the network's buffers hold, and no further."""
    with siege(house, cpu=20):
        for client in (Wire(house, "imap"), entered(house)):
            with client:
                client.socket.settimeout(1)
                with pytest.raises(TimeoutError):
                    client.send(*[(b"a " + command + b"\r\n") * 10_000] * 500)


def test_octets_behind_starttls_are_never_commands(besieged: Daemon):
    """A3: in the same segment they are forgotten, later they are no handshake."""
    with Wire(besieged, "imap") as client:
        client.send(b"a STARTTLS\r\nb CREATE injected\r\nc NOOP\r\n")
        assert client.line().startswith(b"a OK")
        client.tls()
        assert client.ask(b"NOOP", b"d") == [b"d OK NOOP completed\r\n"]
    with Wire(besieged, "imap") as client:
        client.send(b"a STARTTLS\r\n")
        assert client.line().startswith(b"a OK")
        client.send(b"b NOOP\r\n")
        assert b"b OK" not in client.rest()


def test_nobody_signs_in_outside_tls_not_even_with_the_right_password(besieged: Daemon):
    before = len(besieged.log_lines())
    password = besieged.people[OWNER].password
    with Wire(besieged, "imap") as client:
        assert b"LOGINDISABLED" in client.greeting
        for command in (f"LOGIN {OWNER} {password}", "AUTHENTICATE PLAIN AGEAYg==", "AUTHENTICATE LOGIN"):
            assert client.ask(command.encode())[-1].startswith(b"a NO [PRIVACYREQUIRED]")
        client.send(b"a LOGIN {1+}\r\nx {1+}\r\ny\r\n")
        assert client.answers()[-1].startswith(b"a NO [PRIVACYREQUIRED]")
        assert client.ask(b"SELECT INBOX")[-1].startswith(b"a BAD")
    assert not [line for line in besieged.log_lines()[before:] if line["event"] in ("sign-in-refused", "signed-in")]


@pytest.mark.parametrize("verb", [b"GET", b"POST", b"PUT", b"HEAD", b"OPTIONS", b"CONNECT", b"PRI"])
@pytest.mark.parametrize("service", ["imap", "imaps"])
def test_a_browser_is_sent_away_before_its_body_is_read(house: Daemon, service: str, verb: bytes):
    """A19"""
    with Wire(house, service) as client:
        client.send(verb + b" /a?b HTTP/1.1\r\nHost: a\r\n\r\na NOOP\r\n")
        said = client.rest()
        assert said.splitlines()[-1] == b"* BYE This is no web server", said
        assert b"a OK" not in said


def test_unknown_commands_are_borne_up_to_the_limit(besieged: Daemon):
    """By somebody signed in for ever."""
    with Wire(besieged, "imap") as client:
        for _ in range(19):
            assert client.ask(b"XYZZY a b c") == [b"a BAD Unknown command\r\n"]
        assert client.ask(b"NOOP") == [b"a OK NOOP completed\r\n"]
        client.send(b"a XYZZY\r\n")
        assert client.rest() == b"a BAD Unknown command\r\n* BYE Too many errors\r\n"
    with entered(besieged) as client:
        for _ in range(200):
            assert client.ask(b"XYZZY") == [b"a BAD Unknown command\r\n"]
        assert client.ask(b"NOOP") == [b"a OK NOOP completed\r\n"]


@pytest.mark.parametrize("mechanism", [b"PLAIN", b"LOGIN"])
def test_sign_ins_begun_and_canceled_end_the_session_at_the_limit(besieged: Daemon, mechanism: bytes):
    """A28: also when the response is no base64, no UTF-8, or far too long."""
    responses = [b"*", b"!!!", b"/w==", b"A" * 8000]
    with Wire(besieged, "imaps") as client:
        for turn in range(20):
            client.send(b"a AUTHENTICATE " + mechanism + b"\r\n")
            assert client.line().startswith(b"+ "), turn
            client.send(responses[turn % 3] + b"\r\n")
            answer = client.line()
            while answer.startswith(b"+ "):
                client.send(b"*\r\n")
                answer = client.line()
            assert answer.startswith(b"a BAD"), answer
        assert client.rest() == b"* BYE Too many errors\r\n"
    with Wire(besieged, "imaps") as client:
        client.send(b"a AUTHENTICATE PLAIN\r\n", b"A" * MIB)
        assert b"* BYE" in client.rest()


def test_octets_that_are_no_text_are_answered_in_every_command(besieged: Daemon):
    """Garbage, NUL, controls: a tagged answer, never a crash, and the next command works."""
    octets = bytes(set(range(1, 256)) - {10, 13, ord("{")})
    rubbish = [
        b"\xff\xfe\x80",
        b"a\0b",
        octets,
        b'"\xff\xfe"',
        b'"a\0b"',
        b"(\xff)",
        b"&\xff-",
        b"&AAAA-",
        b"$",
        b"*:",
        b"\x1b[2J%s%n",
    ]
    commands = (
        b"ENABLE,ID,SELECT,EXAMINE,CREATE,DELETE,RENAME x,SUBSCRIBE,UNSUBSCRIBE,LIST x,LIST,LSUB x,STATUS,STATUS INBOX,"
        b"APPEND INBOX,FETCH,FETCH 1,FETCH 1 (BODY[,UID FETCH,STORE,STORE 1 FLAGS,COPY,COPY 1,MOVE 1,SEARCH,XLIST,UID,"
        b"SEARCH CHARSET,SEARCH SUBJECT,SEARCH HEADER,UID EXPUNGE,NAMESPACE,IDLE,CLOSE,LOGIN,AUTHENTICATE,STARTTLS"
    ).split(b",")
    with entered(besieged, "Rubbish") as client:
        for command in commands:
            for each in rubbish:
                client.send(b"a " + command + b" " + each + b"\r\n")
                answer = client.answers()[-1]
                assert answer.startswith((b"a OK", b"a NO", b"a BAD")), (command, each, answer)
                assert b"SERVERBUG" not in answer, (command, each)
                if command == b"CLOSE":
                    client.ask(b"SELECT Rubbish")
            client.send(b"a " + command + b" {3+}\r\n\xff\0\x80\r\n")
            assert client.answers()[-1].startswith((b"a OK", b"a NO", b"a BAD")), command
        assert client.ask(b"NOOP")[-1] == b"a OK NOOP completed\r\n"
    with Wire(besieged, "imap") as client:
        for each in rubbish[:10]:
            client.send(each + b"\r\n")
            assert b" BAD " in client.line()
        assert client.ask(b"NOOP") == [b"a OK NOOP completed\r\n"]


def test_any_octets_are_a_message_and_come_back_as_they_are(besieged: Daemon):
    octets = bytes(range(1, 256)) * 40
    with entered(besieged, "Octets") as client:
        for message in (octets, b"Subject: \xff\r\n\r\n" + octets, b"\xff\xfe", b"\r\r\n\n\r"):
            append(client, "Octets", message)
        fetched = client.ask(b"FETCH 1:* (UID ENVELOPE BODYSTRUCTURE BODY[] BODY[1])")
        assert fetched[-1].startswith(b"a OK")
        assert any(octets in line for line in fetched)
        nul = b"Subject: x\r\n\r\na\0b\r\n"
        client.send(b"a APPEND Octets {%d+}\r\n" % len(nul), nul, b"\r\n")
        assert client.answers()[-1].startswith((b"a OK", b"a NO", b"a BAD"))


@pytest.mark.parametrize("kind", ["multipart", "rfc822", "alternating", "closed", "wide"])
def test_ten_thousand_parts_have_a_bounded_structure_and_come_back_as_they_are(house: Daemon, kind: str):
    """A23"""
    message = b"Subject: bomb\r\n" + deep_parts(kind, 10_000)
    with siege(house), entered(house, f"Parts-{kind}") as client:
        append(client, f"Parts-{kind}", message)
        structure = client.ask(b"FETCH * (BODYSTRUCTURE)")
        assert structure[-1].startswith(b"a OK")
        assert structure[-2].count(b"(") < 200_000
        assert b'"bomb"' in client.ask(b"FETCH * (ENVELOPE BODY RFC822.SIZE)")[-2]
        assert message in client.ask(b"FETCH * BODY.PEEK[]")[-2]
        assert client.ask(b"FETCH * BODY.PEEK[" + b"1." * 200 + b"1]")[-1].startswith((b"a OK", b"a NO", b"a BAD"))
        assert client.ask(b"SEARCH TEXT deepest")[-1].startswith(b"a OK")


def test_a_hundred_thousand_header_fields_come_back_as_they_are(house: Daemon):
    """A24"""
    message = b"Subject: bomb\r\n" + many_fields(100_000) + b"\r\nbody\r\n"
    with siege(house), entered(house, "Headers") as client:
        append(client, "Headers", message)
        assert b'"bomb"' in client.ask(b"FETCH * (ENVELOPE BODYSTRUCTURE)")[-2]
        assert message in client.ask(b"FETCH * BODY.PEEK[]")[-2]
        assert b"X-50000: y" in client.ask(b"FETCH * BODY.PEEK[HEADER.FIELDS (X-50000)]")[-2]
        fields = b" ".join(b"X-%d" % n for n in range(6000))
        assert client.ask(b"FETCH * BODY.PEEK[HEADER.FIELDS.NOT (" + fields + b")]")[-1].startswith(b"a OK")
        assert client.ask(b"SEARCH HEADER X-99999 y")[-1].startswith(b"a OK")


def test_sequence_sets_cost_what_is_there_not_what_is_asked(house: Daemon):
    """A25"""
    singles = b",".join(b"%d" % n for n in range(1, 12_000))
    with siege(house), entered(house, "Sets") as client:
        for _ in range(3):
            append(client, "Sets", b"Subject: x\r\n\r\nx\r\n")
        for which in (b"1:4294967295", b"4294967295:1", b"*:1", singles, singles + b",*", b"1:*," * 10_000 + b"1:*"):
            answer = client.ask(b"UID FETCH " + which + b" FLAGS")
            assert len(answer) == 4, which[:20]
            assert answer[-1] == b"a OK UID FETCH completed\r\n"
            assert client.ask(b"UID SEARCH UID " + which) == [b"* SEARCH 1 2 3\r\n", b"a OK UID SEARCH completed\r\n"]
            assert client.ask(b"SEARCH " + which) == [b"* SEARCH 1 2 3\r\n", b"a OK SEARCH completed\r\n"]
        for which in (b"1:4294967295", singles, b"0", b"1:0", b"1:4294967296", b"1,", b",", b"1:2:3", b"**"):
            assert client.ask(b"FETCH " + which + b" FLAGS")[-1].startswith(b"a BAD"), which[:20]
        assert client.ask(b"UID COPY 4000000000:4294967295 INBOX")[-1].startswith((b"a OK", b"a NO"))


def test_no_nesting_is_followed_without_end(besieged: Daemon):
    """A22: up to the limit of a line refused, beyond it the end."""
    with entered(besieged, "Nests") as client:
        append(client, "Nests", b"Subject: x\r\n\r\nx\r\n")
        for depth in (33, 1000, 10_000, 15_000):
            for command in (
                b"SEARCH " + b"(" * depth + b"ALL" + b")" * depth,
                b"SEARCH " + b"(" * depth,
                b"SEARCH " + b"NOT " * depth + b"ALL",
                b"SEARCH " + b"OR ALL " * (depth // 2) + b"ALL",
                b"FETCH 1 " + b"(" * depth + b"FLAGS" + b")" * depth,
                b"LIST " + b"(" * depth + b'"" "*"',
                b"ID " + b"(" * depth,
                b"STORE 1 FLAGS " + b"(" * depth,
                b"STATUS INBOX " + b"(" * depth,
                b"APPEND INBOX " + b"(" * depth,
                b"FETCH 1 BODY[HEADER.FIELDS " + b"(" * depth,
            ):
                answer = client.ask(command)[-1]
                assert answer.startswith(b"a BAD") or (b"OR " in command and depth < 60), (command[:30], depth, answer)
    for command in (b"SEARCH ", b"FETCH 1 "):
        with entered(besieged, "Nests") as client:
            client.send(b"a " + command + b"(" * 100_000 + b"\r\n")
            assert client.rest().splitlines()[-1] == b"* BYE Line too long"
    with Wire(besieged, "imap") as client:
        assert client.ask(b"ID " + b"(" * 5000)[-1].startswith(b"a BAD")


def test_pipelined_commands_are_all_answered_in_order(besieged: Daemon):
    with entered(besieged, "Pipe") as client:
        client.send(b"".join(b"p%d NOOP\r\nq%d UID SEARCH ALL\r\n" % (n, n) for n in range(300)))
        for n in range(300):
            assert client.answers(b"p%d" % n)[-1].startswith(b"p%d OK" % n)
            assert client.answers(b"q%d" % n)[-1].startswith(b"q%d OK" % n)


def test_a_client_that_asks_for_much_and_reads_nothing_holds_little(house: Daemon):
    """A message of 25 MiB, ten times, on three connections."""
    body = (b"x" * 76 + b"\r\n") * (25 * MIB // 78)
    with entered(house, "Large") as client:
        append(client, "Large", b"Subject: large\r\n\r\n" + body)
    with siege(house, peak=48 * MIB) as burden, contextlib.ExitStack() as stack:
        before = burden.memory("VmRSS")
        for _ in range(3):
            client = stack.enter_context(entered(house, "Large"))
            client.send(b"a FETCH 1 BODY.PEEK[]\r\n" * 10)
        serves(house, "127.0.0.2")
        serves(house, "127.0.0.2")
        assert all(now - before[name] < 32 * MIB for name, now in burden.memory("VmRSS").items())
        until(lambda: len(client.exactly(MIB)) == MIB, "and when it reads, it gets it")
