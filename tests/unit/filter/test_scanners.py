"""ClamAV and rspamd: spoken to in their own protocols, and what happens while they are away."""

import http.server
import json
import socket
import socketserver
import struct
import threading

import pytest

from odmail.filter.case import Case
from odmail.filter.check import Tools
from odmail.filter.checks import clamav, rspamd
from odmail.filter.scanner import REST, Away, Scanner
from odmail.filter.settings import FilterSettings
from odmail.queue.model import Envelope, Origin, Recipient
from odmail.queue.verdict import Action, Finding

VIRUS = b"this is a virus"
ORIGIN = Origin("mx", address="192.0.2.7", helo="mx.peer.example", session="s1")


def case(body: bytes = b"body\r\n") -> Case:
    octets = b"From: a@peer.example\r\n\r\n" + body
    envelope = Envelope("a@peer.example", (Recipient("x@odisha.example"), Recipient("ଅନିତା@odisha.example")))
    return Case(envelope, ORIGIN, memoryview(octets), 22, outside=True)


def run(check, made: Case, **settings: object) -> Finding:
    (finding,) = check.check(made, Tools(FilterSettings(**settings), None))
    return finding


class Clamd(socketserver.BaseRequestHandler):
    """INSTREAM as clamd(8) has it."""

    def handle(self) -> None:
        file = self.request.makefile("rb")
        assert file.read(10) == b"zINSTREAM\0"
        got = b""
        while size := struct.unpack(">I", file.read(4))[0]:
            got += file.read(size)
        self.server.got.append(got)
        answer = b"stream: Test-Virus FOUND" if VIRUS in got else b"stream: OK"
        self.request.sendall(getattr(self.server, "says", answer) + b"\0")


class Rspamd(http.server.BaseHTTPRequestHandler):
    """POST /checkv2"""

    def do_POST(self) -> None:
        octets = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, list(self.headers.items()), octets))
        content = self.server.says
        self.send_response(getattr(self.server, "status", 200))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def served():
    running = []

    def start(server):
        server.got = []
        running.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture
def clamd(served):
    return served(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Clamd))


@pytest.fixture
def rspam(served):
    server = served(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Rspamd))
    server.says = answer("no action", 1.5)
    return server


def answer(action: str, score: float, **symbols: float) -> bytes:
    told = {name: {"name": name, "score": value} for name, value in symbols.items()}
    return json.dumps({"action": action, "score": score, "required_score": 15.0, "symbols": told}).encode()


def at(server) -> str:
    return f"127.0.0.1:{server.server_address[1]}"


def test_a_virus_is_refused_and_clean_mail_passes_whole(clamd):
    large = case(b"x" * 200_000 + b"\r\n")
    assert run(clamav, large, clamav=at(clamd)).result == "clean"
    assert clamd.got == [bytes(large.octets)]
    found = run(clamav, case(VIRUS), clamav=at(clamd))
    assert (found.action, found.reason) == (Action.REFUSE, "Test-Virus found")


def test_clamav_is_reached_by_a_unix_socket_too(served, tmp_path):
    path = str(tmp_path / "clamd.ctl")
    served(socketserver.ThreadingUnixStreamServer(path, Clamd))
    assert run(clamav, case(VIRUS), clamav=path).action is Action.REFUSE


@pytest.mark.parametrize("policy", ["defer", "accept"])
@pytest.mark.parametrize("trouble", ["nobody", "error", "silence", "nonsense"])
def test_while_clamav_is_away_mail_waits_or_passes_as_the_house_decided(clamd, policy, trouble, monkeypatch):
    where = at(clamd)
    if trouble == "nobody":
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            where = f"127.0.0.1:{probe.getsockname()[1]}"
    clamd.says = {"error": b"INSTREAM size limit exceeded. ERROR", "silence": b"", "nonsense": b"220 hello"}.get(
        trouble
    )
    found = run(clamav, case(), clamav=where, scanners_down=policy)
    assert found.result == "away"
    assert found.action is (Action.DEFER if policy == "defer" else Action.NONE)


def test_rspamd_gets_envelope_client_and_message(rspam):
    made = case()
    finding = run(rspamd, made, rspamd=f"http://{at(rspam)}")
    assert (finding.result, finding.score, finding.action) == ("no action", 1.5, Action.NONE)
    ((path, headers, octets),) = rspam.got
    assert path == "/checkv2"
    assert octets == bytes(made.octets)
    assert ("From", "a@peer.example") in headers
    assert ("IP", "192.0.2.7") in headers
    assert ("Helo", "mx.peer.example") in headers
    assert next(value for name, value in headers if name == "Rcpt") == "x@odisha.example"
    assert all(value.isascii() for _, value in headers)


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("reject", Action.REFUSE),
        ("soft reject", Action.DEFER),
        ("add header", Action.JUNK),
        ("rewrite subject", Action.JUNK),
        ("greylist", Action.NONE),
        ("no action", Action.NONE),
        ("something new", Action.NONE),
    ],
)
def test_rspamds_action_counts_as_it_is(rspam, action, expected):
    rspam.says = answer(action, 7.0, BAYES_SPAM=5.0, URIBL=2.0)
    finding = run(rspamd, case(), rspamd=f"http://{at(rspam)}")
    assert finding.action is expected
    assert finding.reason == "BAYES_SPAM, URIBL"


@pytest.mark.parametrize("says", [b"", b"no json", b"[]", b'{"action": 1}'])
def test_while_rspamd_is_away_our_own_checks_decide(rspam, says):
    rspam.says = says
    assert run(rspamd, case(), rspamd=f"http://{at(rspam)}") == Finding("rspamd", "away")
    rspam.status = 500
    assert run(rspamd, case(), rspamd=f"http://{at(rspam)}") == Finding("rspamd", "away")
    assert run(rspamd, case(), rspamd="https://x") == Finding("rspamd", "away")
    rspam.shutdown()
    rspam.server_close()
    assert run(rspamd, case(), rspamd=f"http://{at(rspam)}") == Finding("rspamd", "away")


def test_scanners_that_are_not_configured_are_not_asked():
    tools = Tools(FilterSettings(), None)
    assert [*clamav.check(case(), tools), *rspamd.check(case(), tools)] == []


class Clock:
    instant = 0.0

    def __call__(self) -> float:
        return self.instant


def gone() -> str:
    raise Away("no answer")


def test_a_scanner_that_did_not_answer_is_left_alone_and_then_one_message_looks():
    now = Clock()
    scanner = Scanner(now)
    assert scanner.ask(lambda: "OK") == "OK"
    with pytest.raises(Away, match="no answer"):
        scanner.ask(gone)
    for _ in range(3):
        with pytest.raises(Away, match="a moment ago"):
            scanner.ask(lambda: "OK")
    now.instant += REST

    def others_meanwhile() -> str:
        with pytest.raises(Away, match="a moment ago"):
            scanner.ask(lambda: "OK")
        return "OK"

    assert scanner.ask(others_meanwhile) == "OK"
    assert scanner.ask(lambda: scanner.ask(lambda: "OK")) == "OK"  # many at one time again


def test_a_scanner_that_is_still_away_rests_again():
    now = Clock()
    scanner = Scanner(now)
    for _ in range(2):
        with pytest.raises(Away, match="no answer"):
            scanner.ask(gone)
        with pytest.raises(Away, match="a moment ago"):
            scanner.ask(gone)
        now.instant += REST
