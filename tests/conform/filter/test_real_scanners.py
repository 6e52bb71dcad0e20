"""ClamAV and rspamd as Debian has them, with a signature and a configuration of our own, speak with us."""

import getpass
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from odmail.filter.case import Case
from odmail.filter.check import Tools
from odmail.filter.checks import clamav, rspamd
from odmail.filter.settings import FilterSettings
from odmail.queue.model import Envelope, Origin, Recipient
from odmail.queue.verdict import Action
from odtest.daemon import free_port

VIRUS = b"this body is a virus\r\n"
GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*" + b"GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\r\n"
HEADER = (
    b"From: a@peer.example\r\nTo: x@odisha.example\r\nSubject: hello\r\n"
    b"Date: Mon, 23 Nov 2026 22:00:00 +0000\r\nMessage-ID: <1@peer.example>\r\n"
)


def case(body: bytes) -> Case:
    origin = Origin("mx", address="192.0.2.7", helo="mx.peer.example", session="s1")
    envelope = Envelope("a@peer.example", (Recipient("x@odisha.example"),))
    octets = HEADER + b"\r\n" + body
    return Case(envelope, origin, memoryview(octets), len(HEADER), outside=True)


@contextmanager
def running(*argv: str) -> Iterator[None]:
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def asked(check, made: Case, **settings: str):
    """Until it has come up."""
    end = time.monotonic() + 60
    while True:
        (finding,) = check.check(made, Tools(FilterSettings(**settings), None))
        if finding.result != "away" or time.monotonic() > end:
            return finding
        time.sleep(0.2)


def test_clamav_finds_its_signature_and_passes_clean_mail(tmp_path: Path):
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "test.ndb").write_text(f"Test.Signature:0:*:{VIRUS.strip().hex()}\n")
    (tmp_path / "clamd.conf").write_text(
        f"LocalSocket {tmp_path}/clamd.ctl\nDatabaseDirectory {tmp_path}/db\nForeground yes\nUser {getpass.getuser()}\n"
    )
    with running("/usr/sbin/clamd", "-c", str(tmp_path / "clamd.conf")):
        where = str(tmp_path / "clamd.ctl")
        assert asked(clamav, case(b"hello\r\n"), clamav=where).result == "clean"
        found = asked(clamav, case(VIRUS), clamav=where)
        assert found.action is Action.REFUSE
        assert "Test.Signature" in found.reason


@pytest.mark.timeout(180)
def test_rspamd_refuses_its_test_mail_and_passes_other_mail(tmp_path: Path):
    port = free_port()
    tmp_path.chmod(0o777)
    (tmp_path / "rspamd.conf").write_text(
        f"""
        options {{ filters = []; dns {{ nameserver = ["127.0.0.1:9:1"]; timeout = 0.1s; }}
                   pidfile = "{tmp_path}/pid"; control_socket = "{tmp_path}/ctl mode=0600"; gtube_patterns = all; }}
        logging {{ type = "file"; filename = "{tmp_path}/log"; }}
        worker "normal" {{ bind_socket = "127.0.0.1:{port}"; count = 1; }}
        actions {{ reject = 15; add_header = 6; greylist = 4; }}
        """
    )
    with running("/usr/bin/rspamd", "-i", "-f", "-c", str(tmp_path / "rspamd.conf")):
        url = f"http://127.0.0.1:{port}"
        clean = asked(rspamd, case(b"hello\r\n"), rspamd=url)
        assert clean.result == "no action", clean
        found = asked(rspamd, case(GTUBE), rspamd=url)
        assert (found.result, found.action) == ("reject", Action.REFUSE)
