"""What the suite answers to hostile SMTP, what it costs, and that mail goes on: A1, A3, A6, A8, A9, A18, A19."""

import contextlib
import itertools
import socket
import struct
from collections.abc import Iterator

import pytest

from odtest.daemon import Daemon, until
from odtest.hostile import deep_parts, many_fields
from odtest.wire import MIB, READER, Wire, deliver, siege

VICTIM = "arjun.majhi@odisha.example"
SENDER = "abdul.rahim@odisha.example"
PORTS = ["mx", "submission", "submissions"]

FORGED_ENDS = [
    b"\n.\n",
    b"\n.\r\n",
    b"\r\n.\n",
    b"\r.\r",
    b"\r.\r\n",
    b"\r\n.\r",
    b"\r\n\0.\r\n",
    b"\r\n.\0\r\n",
    b"\r\n.\r\r\n",
    b"\n\n.\r\n",
]
EMBEDDED = f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<{VICTIM}>\r\nDATA\r\nSubject: smuggled\r\n\r\nsmuggled\r\n".encode()


@pytest.fixture
def besieged(house: Daemon) -> Iterator[Daemon]:
    """The suite, which must bear with what the test does, and serve afterwards."""
    with siege(house):
        yield house


def arrived(house: Daemon, login: str, subject: str) -> int:
    """How many messages with this subject are in the inbox."""
    with Wire(house, "imaps") as client:
        client.sign_in(login)
        client.ask(b"SELECT INBOX")
        found = client.ask(f"SEARCH SUBJECT {subject}".encode())
        return len(next(line for line in found if b"SEARCH" in line).split()) - 2


def received(house: Daemon) -> int:
    """Messages taken in so far."""
    return sum(line["event"] == "received" for line in house.log_lines())


def opened(house: Daemon, service: str, **more: str) -> Wire:
    """Ready for MAIL."""
    client = Wire(house, service, **more)
    client.introduce("" if service == "mx" else SENDER)
    return client


@pytest.mark.parametrize("service", ["mx", "submissions"])
@pytest.mark.parametrize("data", [b"NOOP " + b"x" * MIB + b"\r\n", b"x" * (5 * MIB)], ids=["1 MiB", "endless"])
def test_a_line_without_end_is_refused_and_ends_the_session(besieged: Daemon, service: str, data: bytes):
    with Wire(besieged, service) as client:
        client.send(data)
        assert client.rest() == b"500 5.5.2 line too long\r\n421 4.7.0 line without end\r\n"


def test_a_line_that_is_merely_too_long_costs_one_error(besieged: Daemon):
    with Wire(besieged, "mx") as client:
        assert client.say(b"NOOP " + b"x" * 60000).startswith(b"500 5.5.2")
        assert client.say(b"NOOP").startswith(b"250")


@pytest.mark.parametrize("service", PORTS)
@pytest.mark.parametrize("chunked", [False, True], ids=["DATA", "BDAT"])
def test_no_forged_end_of_data_smuggles_a_message(besieged: Daemon, service: str, chunked: bool):
    before = received(besieged)
    with opened(besieged, service) as client:
        for form in FORGED_ENDS:
            message = f"From: {SENDER}\r\nSubject: carrier\r\n\r\nfirst".encode() + form + EMBEDDED
            assert transact(client, message, chunked).startswith((b"550 5.5.2 ", b"550 5.6.0 ")), form
            assert client.say(b"NOOP") == b"250 2.0.0 ok\r\n", form
        honest = f"From: {SENDER}\r\nSubject: honest\r\n\r\nhello\r\n".encode()
        assert transact(client, honest, chunked).startswith(b"250 2.0.0 queued")
    assert received(besieged) == before + 1
    assert arrived(besieged, VICTIM, "smuggled") == 0


def transact(client: Wire, message: bytes, chunked: bool) -> bytes:
    """The reply to the message's end."""
    if not chunked:
        return deliver(client, message, SENDER, VICTIM)
    client.say(f"MAIL FROM:<{SENDER}>".encode())
    client.say(f"RCPT TO:<{VICTIM}>".encode())
    client.send(b"BDAT %d LAST\r\n" % len(message), message)
    return client.reply()


@pytest.mark.parametrize("service", PORTS)
@pytest.mark.parametrize("chunked", [False, True], ids=["DATA", "BDAT"])
def test_no_long_line_smuggles_a_message(besieged: Daemon, service: str, chunked: bool):
    before, taken = received(besieged), 0
    with opened(besieged, service) as client:
        for size in (998, 999, 2049, 16385, 65537, 1_000_000):
            head = f"From: {SENDER}\r\nSubject: carrier\r\n\r\n".encode()
            reply = transact(client, head + b"x" * size + b"\r\n" + EMBEDDED, chunked)
            assert reply.startswith(b"250 2.0.0 queued" if size <= 65536 else b"550 5.6.0 "), (size, reply)
            taken += size <= 65536
            assert client.say(b"NOOP") == b"250 2.0.0 ok\r\n"
    assert received(besieged) == before + taken
    assert arrived(besieged, VICTIM, "smuggled") == 0


@pytest.mark.parametrize("service", ["mx", "submission"])
def test_octets_behind_starttls_are_never_commands(besieged: Daemon, service: str):
    """A3: in the same segment, and in one of their own where the handshake should be."""
    before = received(besieged)
    injected = f"EHLO evil.example\r\nMAIL FROM:<{SENDER}>\r\nRCPT TO:<{VICTIM}>\r\n".encode()
    with Wire(besieged, service) as client:
        client.introduce()
        client.send(b"STARTTLS\r\n" + injected)
        assert client.rest() == b"421 4.5.0 nothing may follow STARTTLS before the handshake\r\n"
    with Wire(besieged, service) as client:
        client.introduce()
        assert client.say(b"STARTTLS").startswith(b"220")
        client.send(injected)
        assert b"250" not in client.rest()
    with Wire(besieged, service) as client:
        client.introduce()
        client.send(b"STARTTLS\r\n")
        assert client.reply().startswith(b"220")
        client.tls()
        assert client.say(b"MAIL FROM:<a@b.example>") == b"503 5.5.1 introduce yourself first\r\n"
    assert received(besieged) == before


def test_nobody_signs_in_outside_tls_not_even_with_the_right_password(besieged: Daemon):
    before = len(besieged.log_lines())
    with Wire(besieged, "submission") as client:
        client.introduce()
        assert client.say(b"AUTH PLAIN AGEAYg==") == b"530 5.7.0 STARTTLS first\r\n"
        assert client.say(b"AUTH LOGIN") == b"530 5.7.0 STARTTLS first\r\n"
        assert client.say(b"MAIL FROM:<a@odisha.example>").startswith(b"530")
        assert b"AUTH" not in client.say(b"EHLO client.example")
    with Wire(besieged, "mx") as client:
        client.introduce()
        assert client.say(b"AUTH PLAIN AGEAYg==").startswith(b"500 5.5.1")
    assert not [line for line in besieged.log_lines()[before:] if line["event"] in ("sign-in-refused", "signed-in")]


def test_octets_that_are_no_text_are_answered_in_every_verb(besieged: Daemon):
    """Garbage, NUL, controls: a reply of one line, never a crash, and the next command works."""
    rubbish = [
        b"\xff\xfe\x80",
        b"a\0b",
        bytes(set(range(1, 256)) - {10, 13}),
        "ସସ୍ମିତା\u2028".encode() + b"\xc3",
        b"\x1b[2J%s%n",
    ]
    verbs = [
        b"EHLO ",
        b"HELO ",
        b"MAIL FROM:<",
        b"MAIL FROM:<a@b.example> ",
        b"RCPT TO:<",
        b"VRFY ",
        b"BDAT ",
        b"STARTTLS ",
    ]
    verbs += [
        b"RSET ",
        b"NOOP ",
        b"HELP ",
        b"QUIT ",
        b"DATA ",
        b"AUTH ",
        b"AUTH PLAIN ",
        b"EXPN ",
        b"",
        b"MAIL FROM:<a@b> ENVID=",
    ]
    with contextlib.ExitStack() as stack:
        for service in ("mx", "submissions"):
            for verb in verbs:
                client = stack.enter_context(
                    opened(besieged, service) if verb[:4] != b"AUTH" else Wire(besieged, service)
                )
                if verb[:4] == b"AUTH":
                    client.introduce()
                for each in rubbish:
                    reply = client.say(verb + each)
                    assert reply[:3].isdigit(), (verb, each, reply)
                    assert reply.isascii(), (verb, each, reply)
                    if reply[:3] in (b"421", b"221"):
                        break
                else:
                    assert client.say(b"NOOP") == b"250 2.0.0 ok\r\n", verb
                client.socket.close()


def test_a_message_of_nothing_but_octets_arrives_as_it_is_unless_it_holds_nul(besieged: Daemon):
    octets = bytes(set(range(1, 256)) - {10, 13})
    mark = "<octets@elsewhere.example>"
    message = f"Message-ID: {mark}\r\nX: ".encode() + octets + b"\r\n" + octets + b"\r\n\r\n" + (octets + b"\r\n") * 100
    with opened(besieged, "mx") as client:
        assert deliver(client, b"\0" + message).startswith(b"550 5.6.0")
        assert deliver(client, message).startswith(b"250")
    assert besieged.awaited(READER, mark).endswith(message)


@pytest.mark.parametrize(
    "address",
    [
        "user@foreign.example",
        "user%foreign.example@odisha.example",
        "user%foreign.example",
        "@odisha.example:user@foreign.example",
        "@odisha.example,@ocac.example:user@foreign.example",
        "foreign.example!user@odisha.example",
        "foreign.example!user",
        "odisha.example!foreign.example!user@odisha.example",
        '"user@foreign.example"@odisha.example',
        '"user@foreign.example"',
        '"user%foreign.example"@odisha.example',
        "user@foreign.example@odisha.example",
        "user@odisha.example@foreign.example",
        "user@[127.0.0.1]",
        "user@[IPv6:::1]",
        "user%foreign.example@[127.0.0.1]",
        "user@localhost",
        "user@foreign.example.",
        "user@foreign.example:25",
        "user@foreign.example,user@odisha.example",
        f"{READER}.foreign.example",
        f"{READER}@foreign.example",
        "user@sub.odisha.example",
        "user@odisha.example.foreign.example",
        "user@foreign.example\0@odisha.example",
        "postmaster@foreign.example",
        "user@xn--foreign-8ta.example",
        "user@ｆｏｒｅｉｇｎ.example",
        "||/bin/true@odisha.example",
        "-oQ/tmp@foreign.example",
        "",
    ],
)
def test_no_stranger_relays_whatever_the_address_looks_like(house: Daemon, address: str):
    """A9: at the first attempt, from the null sender, and under one of our own names."""
    with Wire(house, "mx", address="127.0.0.9") as client:
        client.introduce()
        for sender in ("", "friend@elsewhere.example", SENDER):
            assert client.say(f"MAIL FROM:<{sender}> SMTPUTF8".encode()).startswith(b"250")
            reply = client.say(f"RCPT TO:<{address}>".encode())
            assert reply[:3] in (b"500", b"501", b"550", b"553", b"554"), reply
            assert client.say(b"DATA").startswith(b"503 5.5.1 no valid recipients")
            client.say(b"RSET")


def test_a_session_that_has_not_signed_in_may_not_send_though_another_has(house: Daemon):
    with opened(house, "submissions"), Wire(house, "submissions") as other:
        other.introduce()
        assert other.say(f"MAIL FROM:<{SENDER}>".encode()).startswith(b"530 5.7.0")


def test_unknown_commands_are_borne_up_to_the_limit(besieged: Daemon):
    with Wire(besieged, "mx") as client:
        for _ in range(19):
            assert client.say(b"XYZZY a b c") == b"500 5.5.1 command not recognized\r\n"
        assert client.say(b"NOOP").startswith(b"250")
        client.send(b"XYZZY\r\n")
        assert client.rest().splitlines()[1:] == [b"421 4.7.0 too many errors"]


@pytest.mark.parametrize("service", PORTS)
@pytest.mark.parametrize("verb", [b"GET", b"POST", b"PUT", b"HEAD", b"OPTIONS", b"CONNECT", b"PRI"])
def test_a_browser_is_sent_away_before_its_body_is_read(house: Daemon, service: str, verb: bytes):
    """A19"""
    with Wire(house, service) as client:
        client.send(verb + b" / HTTP/1.1\r\nHost: a\r\n\r\nEHLO a\r\n" + EMBEDDED)
        assert client.rest() == b"221 2.7.0 this is no web server\r\n"


def test_pipelined_commands_are_all_answered_in_order(besieged: Daemon):
    with Wire(besieged, "mx") as client:
        client.introduce()
        client.send((b"RSET\r\nVRFY a\r\n") * 40 + b"QUIT\r\n")
        codes = [line[:3] for line in client.rest().splitlines()]
        assert codes == [b"250", b"252"] * 40 + [b"221"]


@pytest.mark.parametrize("service", ["mx", "submissions"])
def test_nothing_but_line_ends_ends_the_session(besieged: Daemon, service: str):
    with Wire(besieged, service) as client:
        client.send(*[b"\r\n" * 50_000] * 200)
        assert client.rest().splitlines()[-1] == b"421 4.7.0 too many errors"


def test_a_client_that_never_reads_is_given_up_before_replies_heap_up(besieged: Daemon):
    """A18"""
    with Wire(besieged, "mx") as client:
        client.introduce()
        client.send(*[b"EHLO client.example\r\n" * 10_000] * 100)
        assert client.rest().splitlines()[-1] == b"421 4.7.0 too many errors"


@pytest.mark.parametrize("kind", ["multipart", "rfc822", "alternating", "closed", "wide"])
def test_ten_thousand_nested_parts_are_delivered_as_they_are(besieged: Daemon, kind: str):
    mark = f"<nested-{kind}@elsewhere.example>"
    message = f"Message-ID: {mark}\r\n".encode() + deep_parts(kind, 10_000)
    with opened(besieged, "mx") as client:
        assert deliver(client, message).startswith(b"250")
    assert besieged.awaited(READER, mark).endswith(message)


def test_a_hundred_thousand_header_fields_are_delivered_as_they_are(besieged: Daemon):
    mark = "<headers@elsewhere.example>"
    message = f"Message-ID: {mark}\r\n".encode() + many_fields(100_000) + b"\r\nbody\r\n"
    with opened(besieged, "mx") as client:
        assert deliver(client, message).startswith(b"250")
    assert besieged.awaited(READER, mark).endswith(message)


def broken(word: str) -> Iterator[tuple[bytes, list[bytes], bytes]]:
    """Wherever a session may break off: its message, the commands answered up to there, and what is then under way."""
    envelope = [b"EHLO a", b"MAIL FROM:<friend@elsewhere.example>", f"RCPT TO:<{READER}>".encode()]
    data = [*envelope, b"DATA"]
    for number in itertools.count():
        message = f"Message-ID: <{number}@x>\r\nSubject: {word}-{number}-\r\n\r\nhello\r\n".encode()
        half, chunk, last = message[:40], b"BDAT %d" % len(message), b"BDAT %d LAST\r\n" % len(message)
        places: list[tuple[list[bytes], bytes]] = [
            ([], b""),
            ([], b"EH"),
            (envelope[:1], b""),
            ([*envelope[:1], b"STARTTLS"], b"\x16\x03\x01\x02\x00\x01\x00"),
            (envelope, b""),
            (envelope, b"DAT"),
            (data, b""),
            (data, half),
            (data, message),
            (data, message + b".\r"),
            (envelope, last + half),
            ([*envelope, chunk + b"\r\n" + message[:-2]], b""),
            (data, message + b".\r\n"),  # taken in, and its 250 is read by nobody
            (envelope, last + message),
        ]
        if number == len(places):
            return
        yield message, *places[number]


@pytest.mark.parametrize("manner", ["closed", "reset", "garbage"])
def test_wherever_a_session_breaks_off_its_message_comes_once_when_it_is_sent_again(besieged: Daemon, manner: str):
    """Nothing is lost and nothing comes twice: not even what was taken in and is sent again for want of a reply."""
    letters = []
    for message, answered, under_way in broken(manner):
        letters.append(message)
        client = Wire(besieged, "mx")
        for command in answered:
            assert client.say(command)[:1] in b"23", (command, under_way)
        client.send(under_way + (b"\xff\0\r\n.\n\x80" * 50 if manner == "garbage" else b""))
        if manner == "reset":
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.socket.close()
    with opened(besieged, "mx") as client:
        for message in letters:
            assert deliver(client, message).startswith(b"250")
    for number in range(len(letters)):
        until(lambda number=number: arrived(besieged, READER, f"{manner}-{number}-"), f"{manner}-{number}- arrives")
    assert arrived(besieged, READER, f"{manner}-") == len(letters)
