"""ClamAV and rspamd as Debian has them, with a signature and settings of our own, decide on mail from outside."""

import getpass
import io
import signal
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from odcore.errors import Fault
from odmail.delivery.gates import MxGate
from odmail.filter import scanner
from odmail.filter.checks import clamav
from odmail.queue.model import Envelope, Origin, Recipient
from odmail.smtp.types import refusal
from odtest.daemon import free_port, until
from odtest.postroom import SASMITA, PostRoom

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
GTUBE = "JS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
REJECT, ADD_HEADER = "X" + GTUBE, "Y" + GTUBE
CLIENT = Origin("mx", address="192.0.2.7", helo="mx.peer.example", session="s1")


class Scanners:
    """Both, in a folder of their own; `clamd` can be stopped, and started anew."""

    def __init__(self, folder: Path) -> None:
        (folder / "db").mkdir()
        (folder / "langs").mkdir()
        (folder / "db" / "test.ndb").write_text(f"Eicar-Test:0:*:{EICAR.hex()}\n")
        (folder / "tlds").write_text("com\nexample\n")
        self.socket = folder / "clamd.ctl"
        self.rspamd = f"http://127.0.0.1:{free_port()}"
        (folder / "clamd.conf").write_text(
            f"LocalSocket {self.socket}\nDatabaseDirectory {folder}/db\nForeground yes\nUser {getpass.getuser()}\n"
            "StreamMaxLength 1M\n"
        )
        (folder / "rspamd.conf").write_text(
            f"""
            options {{ filters = []; dns {{ nameserver = ["127.0.0.1:9:1"]; timeout = 0.1s; }}
                       enable_test_patterns = true; pidfile = "{folder}/pid";
                       control_socket = "{folder}/ctl mode=0600"; tempdir = "{folder}";
                       url_tld = "{folder}/tlds"; hs_cache_dir = "{folder}"; cache_file = "{folder}/cache"; }}
            lang_detection {{ languages = "{folder}/langs"; }}
            logging {{ type = "file"; filename = "{folder}/log"; }}
            worker "normal" {{ bind_socket = "{self.rspamd.removeprefix("http://")}"; count = 1; }}
            actions {{ reject = 15; add_header = 6; }}
            """
        )
        self._folder = folder
        self._rspamd = self._start("/usr/bin/rspamd", "-i", "-f", "-c", folder / "rspamd.conf")
        self.start()

    def start(self) -> None:
        self.socket.unlink(missing_ok=True)
        self.clamd = self._start("/usr/sbin/clamd", "-c", self._folder / "clamd.conf")
        until(self.socket.exists, "clamd listens")

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait(30)

    def close(self) -> None:
        for each in (self.clamd, self._rspamd):
            self.stop(each)

    def _start(self, *argv: str | Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def scanners() -> Iterator[Scanners]:
    with tempfile.TemporaryDirectory(prefix="od") as folder:
        Path(folder).chmod(0o777)  # rspamd's workers may be somebody else
        made = Scanners(Path(folder))
        yield made
        made.close()


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostRoom]:
    monkeypatch.setattr(scanner, "REST", 0.0)
    made = PostRoom(tmp_path)
    yield made
    made.close()


@pytest.fixture
def gate(room: PostRoom, scanners: Scanners) -> Callable[..., MxGate]:
    """With both scanners, and no rule of our own that would find what they should."""
    both = {"clamav": str(scanners.socket), "rspamd": scanners.rspamd, "refuse_attachments": ()}
    return lambda **more: room.checked(**(both | more))


def letter(text: str = "hello", attached: bytes = b"") -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "a@peer.example", SASMITA.address, "hello"
    made["Date"], made["Message-ID"] = "Mon, 23 Nov 2026 22:00:00 +0000", "<1@peer.example>"
    made.set_content(text)
    if attached:
        made.add_attachment(attached, maintype="application", subtype="zip", filename="a.zip")
    return made.as_bytes().replace(b"\n", b"\r\n")


def packed(octets: bytes) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.txt", octets)
    return whole.getvalue()


def given(gate: MxGate, octets: bytes) -> str:
    """The reply."""
    inbound = gate.receive(Envelope("a@peer.example", (Recipient(SASMITA.address),)), CLIENT, None)
    try:
        inbound.write(octets)
        inbound.finish()
    except Fault as fault:
        inbound.discard()
        told = refusal(fault)
        return f"{told.code} {told.enhanced} {told.text}"
    return "250"


def found(room: PostRoom, gate: MxGate) -> set[str]:
    """What was found of a letter that comes in."""
    assert given(gate, letter()) == "250"
    [queued] = room.queue.list()
    room.queue.delete([queued.id])
    return {f"{each.check}: {each.result}" for each in queued.origin.verdict.findings}


@pytest.mark.timeout(120)
def test_clean_mail_comes_in_and_both_have_looked(room, gate):
    until(lambda: {"clamav: clean", "rspamd: no action"} <= found(room, gate()), "both have come up", 60)


def test_a_virus_is_refused_and_named_in_an_archive_too(room, gate):
    for infected in (letter(EICAR.decode()), letter(attached=packed(EICAR))):
        assert given(gate(), infected) == "550 5.7.1 Eicar-Test.UNOFFICIAL found (clamav)"
    assert given(gate(), letter(attached=packed(b"harmless"))) == "250"


def test_what_rspamd_rejects_is_refused_and_what_it_marks_goes_into_junk(room, gate):
    assert given(gate(), letter(REJECT)).startswith("550 5.7.1 ")
    assert room.queue.list() == []
    assert given(gate(), letter(ADD_HEADER)) == "250"
    room.work()
    assert len(room.messages(SASMITA, "Junk")) == 1
    assert room.messages(SASMITA) == []


@pytest.mark.parametrize("trouble", [signal.SIGKILL, signal.SIGSTOP])
def test_while_clamd_is_dead_or_hangs_mail_waits_or_passes_as_set_and_then_goes_on(
    room, gate, scanners, trouble, monkeypatch
):
    waiting, passing = gate(), gate(scanners_down="accept")
    with monkeypatch.context() as hasty:
        hasty.setattr(clamav, "_PATIENCE", 0.3)
        scanners.clamd.send_signal(trouble)
        assert given(waiting, letter()) == "451 4.7.0 the virus scanner is away, try again later (clamav)"
        assert given(passing, letter(EICAR.decode())) == "250"
    scanners.stop(scanners.clamd)
    scanners.start()
    assert given(waiting, letter(EICAR.decode())).startswith("550")


def test_what_is_too_long_for_clamd_waits_and_holds_up_nobody_else(room, gate, monkeypatch, capsys):
    monkeypatch.setattr(scanner, "REST", 3600.0)
    one = gate()
    assert given(one, letter() + (b"y" * 76 + b"\r\n") * 20_000).startswith("451 4.7.0")
    assert "INSTREAM size limit exceeded" in capsys.readouterr().out
    assert given(one, letter()) == "250"


def test_while_rspamd_is_away_the_other_checks_decide(room, gate):
    nobody = f"http://127.0.0.1:{free_port()}"
    assert "rspamd: away" in found(room, gate(rspamd=nobody))
    assert given(gate(rspamd=nobody), letter(REJECT)) == "250"
    assert given(gate(rspamd=nobody), letter(EICAR.decode())).startswith("550")
