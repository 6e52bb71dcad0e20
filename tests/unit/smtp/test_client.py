"""The client against servers that refuse, vanish, lie or never stop talking."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmail.delivery.ports import Host, RelayLogin, Security, Shipment
from odmail.queue.model import Envelope, Recipient, Status
from odmail.smtp.client import Client, Target
from odmail.smtp.replies import Gone
from odmail.smtp.types import Call, Need
from odtest.smtp import Talk

HELLO = "250-mx\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n250 CHUNKING\r\n"
BODY = b"Subject: x\r\n\r\n.dot\r\n"


class Bytes:
    def __init__(self, data: bytes) -> None:
        self.data, self.size = data, len(data)

    def read(self, offset: int = 0, length: int = -1) -> bytes:
        return self.data[offset:] if length < 0 else self.data[offset : offset + length]


class Script:
    """A server that answers the n-th thing it is told with its n-th line, or a table's answer."""

    def __init__(self, answers: dict[str, str], hello: str = HELLO, **target: object) -> None:
        self.answers = {
            "EHLO": hello,
            "MAIL": "250 ok",
            "RCPT": "250 ok",
            "DATA": "354 go",
            "QUIT": "221 bye",
            **answers,
        }
        self.client = Client(Target("mx [192.0.2.1]", "me.example", **target))  # type: ignore[arg-type]
        self.told: list[str] = []
        self.content = b""
        self._buffer = b""
        self._in_data = False
        self.client.start()
        self.reply(self.answers.get("", "220 mx"))

    def reply(self, text: str) -> None:
        if text == "gone":
            self.client.fail(Gone("connection lost"))
            return
        self.client.receive(text.removesuffix("\r\n").encode("utf-8", "surrogateescape") + b"\r\n")
        self.pump()

    def pump(self) -> None:
        while True:
            want = self.client.want
            if isinstance(want, Call):
                self.client.resume(want.run())
                continue
            if want is Need.TLS:
                self.client.resume("TLSv1.3")
                continue
            self._buffer += self.client.output()
            if want is Need.CLOSE or not self._serve():
                return

    def _serve(self) -> bool:
        if self._in_data:
            content, end, rest = (b"\r\n" + self._buffer).partition(b"\r\n.\r\n")
            if not end:
                return False
            self._in_data, self.content, self._buffer = False, content[2:] + b"\r\n", rest
            self.reply(self.answers.get(".", "250 2.0.0 queued"))
            return True
        line, end, rest = self._buffer.partition(b"\r\n")
        if not end:
            return False
        self._buffer = rest
        text = line.decode()
        self.told.append(text)
        answer = self.answers.get(text) or self.answers.get(text.split()[0], "502 what")
        self._in_data = text == "DATA" and answer.startswith("354")
        self.reply(answer)
        return True

    def send(self, *addresses: str, data: bytes = BODY, **envelope: object) -> Client:
        recipients = tuple(Recipient(address) for address in addresses or ("a@x.example", "b@x.example"))
        shipment = Shipment("q1", (Host("mx", ()),), Envelope("s@me.example", recipients, **envelope), Bytes(data))  # type: ignore[arg-type]
        assert self.client.want is Need.WORK
        self.client.resume(shipment)
        self.pump()
        return self.client


def statuses(client: Client) -> list[Status | None]:
    return [each and each.status for each in client.outcomes]


PLAIN = "250 mx\r\n"


@pytest.mark.parametrize("hello", [HELLO, PLAIN], ids=["pipelining", "plain"])
def test_delivers(hello: str) -> None:
    """All went well: the content is dot-stuffed, ends once, and each recipient is delivered."""
    script = Script({}, hello)
    client = script.send()
    assert statuses(client) == [Status.DELIVERED] * 2
    assert script.content == b"Subject: x\r\n\r\n..dot\r\n"
    assert client.reusable


@pytest.mark.parametrize("hello", [HELLO, PLAIN], ids=["pipelining", "plain"])
@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "."])
@pytest.mark.parametrize(
    ("answer", "status"), [("451 4.3.0 later", Status.WAITING), ("550 5.7.1 never", Status.FAILED)]
)
def test_refusals_at_each_stage(hello: str, stage: str, answer: str, status: Status) -> None:
    """4xx waits, 5xx fails, with the peer's own words; the connection can be used again."""
    script = Script({stage: answer}, hello)
    client = script.send()
    assert statuses(client) == [status] * 2
    assert client.outcomes[0] is not None
    assert client.outcomes[0].reply == answer
    script.answers[stage] = "354 go" if stage == "DATA" else "250 ok"
    assert statuses(script.send()) == [Status.DELIVERED] * 2


@pytest.mark.parametrize("hello", [HELLO, PLAIN], ids=["pipelining", "plain"])
@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "."])
@pytest.mark.parametrize("answer", ["gone", "421 4.3.2 closing", "399 what", "hello?", "250"])
def test_breaks_at_each_stage(hello: str, stage: str, answer: str) -> None:
    """Nobody is marked delivered or failed; only a broken answer to the whole message closes the way to other hosts."""
    if answer == "250" and stage != "DATA":
        return
    client = Script({stage: answer}, hello).send()
    assert client.want is Need.CLOSE
    assert client.failure is not None
    assert statuses(client) == [Status.WAITING if stage == "." else None] * 2


def test_recipients_each_have_their_own_fate() -> None:
    """One in three is refused; the others get the message."""
    script = Script({"RCPT TO:<b@x.example>": "550 5.1.1 unknown", "RCPT TO:<c@x.example>": "450 4.2.0 greylisted"})
    client = script.send("a@x.example", "b@x.example", "c@x.example")
    assert statuses(client) == [Status.DELIVERED, Status.FAILED, Status.WAITING]


def test_go_ahead_without_recipients() -> None:
    """RFC 2920 3.1: the message for nobody is an empty one."""
    script = Script({"RCPT": "550 5.1.1 unknown", ".": "554 5.5.1 no valid recipients"})
    assert statuses(script.send()) == [Status.FAILED] * 2
    assert script.content == b"\r\n"


def test_too_many_recipients_go_in_another_transaction() -> None:
    """RCPTMAX is kept to, and 452 4.5.3 is understood where it was not announced."""
    script = Script({}, "250-mx\r\n250-PIPELINING\r\n250 LIMITS RCPTMAX=2\r\n")
    client = script.send(*(f"{name}@x.example" for name in "abcde"))
    assert statuses(client) == [Status.DELIVERED] * 5
    assert sum(line.startswith("MAIL") for line in script.told) == 3
    talk = Script({"RCPT TO:<b@x.example>": "452 4.5.3 too many"})
    assert statuses(talk.send("a@x.example", "b@x.example")) == [Status.DELIVERED, Status.WAITING]


def test_what_cannot_go_is_not_tried() -> None:
    """SIZE, 8BITMIME and SMTPUTF8 are looked at before MAIL."""
    cases = [
        (Script({}).send(data=b"x" * 2000), "5.3.4"),
        (Script({}, PLAIN).send(data=b"\xe0\xac\x85\r\n", body="8BITMIME"), "5.6.3"),
        (Script({}, PLAIN).send("ସସ୍ମିତା@x.example"), "5.6.7"),
        (Script({}, PLAIN).send(data=b"Subject: \xe0\xac\x85\r\n\r\n", smtputf8=True), "5.6.7"),
        (Script({}).send("a@x\r\nQUIT@y"), "5.1.3"),
    ]
    for client, enhanced in cases:
        assert client.outcomes[0] is not None
        assert (client.outcomes[0].status, client.outcomes[0].enhanced) == (Status.FAILED, enhanced)
    assert statuses(Script({}, PLAIN).send(data=b"seven\r\n", body="8BITMIME")) == [Status.DELIVERED] * 2


def test_parameters() -> None:
    """SIZE, BODY, SMTPUTF8 and DSN are said where they are offered, and only there."""
    wishes = Recipient("ସସ୍ମିତା@x.example", ("SUCCESS",), "rfc822;a+b@x.example")
    envelope = Envelope("s@me.example", (wishes,), "8BITMIME", True, "HDRS", "id 1")
    script = Script({})
    script.client.resume(Shipment("q1", (), envelope, Bytes(BODY)))
    script.pump()
    assert script.told[1:3] == [
        "MAIL FROM:<s@me.example> SIZE=20 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=id+201",
        "RCPT TO:<ସସ୍ମିତା@x.example> NOTIFY=SUCCESS ORCPT=rfc822;a+2Bb@x.example",
    ]
    assert script.client.outcomes[0] is not None
    assert script.client.outcomes[0].dsn


@pytest.mark.parametrize(
    "answer",
    ["554 no", "450 later", "421 busy", "250-" + "x\r\n250-" * 200 + "\r\n", "220-a\r\n" * 99 + "HTTP/1.1 200"],
)
@pytest.mark.parametrize("stage", ["", "EHLO"])
def test_connections_that_never_come_about(stage: str, answer: str) -> None:
    """The client gives up with a reason, and nothing grows without bound."""
    script = Script({stage: answer})
    assert script.client.want is Need.CLOSE
    assert script.client.failure is not None
    assert 400 <= script.client.failure.code < 500


def test_helo_for_those_who_know_no_better() -> None:
    """RFC 5321 3.2."""
    script = Script({"EHLO": "502 what", "HELO": "250 mx"})
    assert statuses(script.send()) == [Status.DELIVERED] * 2


def test_a_reply_of_a_million_lines() -> None:
    """Given up after a hundred, long before the million."""
    client = Client(Target("mx", "me.example"))
    client.start()
    for _ in range(10_000):
        client.receive(b"220-hello again\r\n" * 100)
    assert client.want is Need.CLOSE
    endless = Client(Target("mx", "me.example"))
    endless.start()
    for _ in range(100):
        endless.receive(b"2" * 65536)
    assert endless.want is Need.CLOSE


def test_starttls() -> None:
    """Taken where offered, skipped where refused, required where required; keywords of before are forgotten."""
    offer = {"EHLO": "250-mx\r\n250-STARTTLS\r\n250 SIZE 1\r\n", "STARTTLS": "220 go"}
    script = Script(offer)
    assert script.client.tls == "TLSv1.3"
    assert script.told.count("EHLO me.example") == 2
    assert Script(offer, security=Security.NONE).told == ["EHLO me.example"]
    refused = Script({**offer, "STARTTLS": "454 no"})
    assert (refused.client.want, refused.client.tls) == (Need.WORK, "")
    for script in (
        Script({**offer, "STARTTLS": "454 no"}, security=Security.REQUIRED),
        Script({}, security=Security.REQUIRED),
    ):
        assert script.client.want is Need.CLOSE
        assert script.client.failure is not None
        assert script.client.failure.enhanced == "4.7.4"


def test_octets_behind_the_reply_to_starttls() -> None:
    """A4: what was put before the handshake is never taken for what is said inside TLS."""
    script = Script({"EHLO": "250-mx\r\n250 STARTTLS\r\n", "STARTTLS": "220 go\r\n250-mx\r\n250 AUTH PLAIN"})
    assert script.client.want is Need.CLOSE
    assert script.client.tls == ""


def test_sign_in_only_inside_tls() -> None:
    """No password in the clear, PLAIN or LOGIN inside."""
    login = RelayLogin("me", "secret")
    clear = Script({}, "250-mx\r\n250 AUTH PLAIN\r\n", login=login)
    assert clear.client.want is Need.CLOSE
    assert not any("AUTH" in line for line in clear.told)
    for mechanism in ("PLAIN", "LOGIN"):
        hello = f"250-mx\r\n250-STARTTLS\r\n250 AUTH {mechanism}\r\n"
        answers = {
            "STARTTLS": "220 go",
            "AUTH LOGIN": "334 VXNlcm5hbWU6",
            "bWU=": "334 UGFzc3dvcmQ6",
            "c2VjcmV0": "235 ok",
        }
        script = Script({**answers, "AUTH": "235 ok"}, hello, login=login)
        assert script.client.want is Need.WORK


def test_refusal_half_way() -> None:
    """A peer that refuses during the message and hangs up is believed."""
    client = Script({"DATA": "354 go"}).client
    recipients = (Recipient("a@x.example"),)
    client.resume(Shipment("q1", (), Envelope("s@me.example", recipients), Bytes(b"x" * 900)))
    client.output()
    client.receive(b"250 ok\r\n250 ok\r\n354 go\r\n")
    assert isinstance(client.want, Call)
    client.receive(b"552 5.3.4 enough\r\n")
    client.fail(Gone("connection lost"))
    assert statuses(client) == [Status.FAILED]


@given(st.binary(max_size=300), st.booleans())
def test_never_a_bare_line_end_on_the_wire(data: bytes, chunking: bool) -> None:
    """A2: whatever the queue holds, our own server takes what our client sends, and it is the message."""
    talk, client = Talk(), Client(Target("mx", "me.example", Security.NONE, chunking=chunking))
    client.start()
    envelope = Envelope("s@me.example", (Recipient("sasmita@odisha.example"),))
    wire, heard, sent = b"", 0, False
    while client.want is not Need.CLOSE:
        if isinstance(client.want, Call):
            client.resume(client.want.run())
        elif client.want is Need.WORK:
            client.resume(None if sent else Shipment("q1", (), envelope, Bytes(data)))
            sent = True
        out = client.output()
        wire += out
        talk.feed(out)
        if client.want is Need.INPUT:
            news, heard = talk.said[heard:], len(talk.said)
            assert news or out
            client.receive(news)
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", wire)
    if b"\0" not in data:
        assert statuses(client) == [Status.DELIVERED]
        wanted = re.sub(rb"\r\n|\r|\n", b"\r\n", data)
        wanted += b"" if not wanted or wanted.endswith(b"\r\n") else b"\r\n"
        assert talk.gate.delivered[0].data == wanted
