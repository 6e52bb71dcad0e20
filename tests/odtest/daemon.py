"""The suite as an administrator runs it: `odmail serve` as a process, on free ports, with a demo department."""

import contextlib
import imaplib
import json
import os
import random
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import TypeVar

from odcore.bus.client import Publisher
from odcore.config.explain import example
from odcore.config.types import HostPort
from odsuite import certs, demo, loopback
from odsuite.build import Parts
from odsuite.settings import ListenSettings, Settings, read
from odtest import commands

PATIENCE = 30.0
"""Seconds anything may take before a test gives up on it."""


Result = TypeVar("Result")


def until(look: Callable[[], Result], what: str | Callable[[], str], seconds: float = PATIENCE) -> Result:
    """Ask again and again until the answer is true."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, f"not within {seconds} s: {what() if callable(what) else what}"
        time.sleep(0.02)
    return found


def free_port() -> int:
    """For a server whose port others must be told before it starts; no connection gets it meanwhile as its own end."""
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(
                ("127.0.0.1", random.SystemRandom().randrange(10_240, 32_768))
            )  # below what the system hands out
            return probe.getsockname()[1]


class Daemon:
    """`odmail serve` with data of its own. `people` are the sign-ins by login."""

    def __init__(self, folder: Path, roles: tuple[str, ...] = (), **more: object) -> None:
        self.folder = folder
        self.config = folder / "odmail.toml"
        self.sink = free_port()
        local = [HostPort("127.0.0.1:0")]
        given: dict[str, object] = {
            "hostname": "mail.odisha.example",
            "data": ".",
            "log.style": "json",
            "process.workers": 2,
            "process.web_workers": 1,
            "sink.listen": [HostPort(f"127.0.0.1:{self.sink}")],
            "delivery.relay": HostPort(f"127.0.0.1:{self.sink}"),
            "smtp.connections_per_minute": 100_000,
        }
        given |= {f"listen.{name}": local for name in ListenSettings.__struct_fields__}
        self.config.write_text(example(Settings, given | more))
        self.settings = read(self.config)
        self.authority = certs.ensure(folder / "tls", loopback.NAMES)
        self.roles = roles  # none: all
        self.process: subprocess.Popen[bytes] | None = None
        self.ports: dict[str, int] = {}
        self.people: dict[str, demo.DemoLogin] = {}

    def start(self) -> None:
        """Ready when this returns."""
        self._addresses.unlink(missing_ok=True)
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "odsuite.cli.main",
                    "--config",
                    str(self.config),
                    "serve",
                    "--role",
                    ",".join(self.roles) or "all",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until(self.is_ready, "the suite is ready", 2 * PATIENCE)
        if not self.people:
            self.seed()

    @property
    def _addresses(self) -> Path:
        """Where the supervisor tells its ports."""
        return self.folder / "run" / f"addresses-{'-'.join(sorted(self.roles)) or 'all'}.json"

    def seed(self) -> None:
        """People, posts, offices, a list, an alias."""
        parts = Parts(self.settings, Publisher(self.settings.bus).publish)
        with contextlib.closing(parts):
            self.people = {login.login: login for login in demo.seed(parts.admin("test"))}

    def is_ready(self) -> bool:
        """As /healthz sees it."""
        assert self.process is not None
        assert self.process.poll() is None, self.tail()
        with contextlib.suppress(OSError, ValueError):
            addresses = json.loads(self._addresses.read_bytes())
            self.ports |= {service: int(each[0].rpartition(":")[2]) for service, each in addresses.items()}
            return bool(self.health()["status"] == "ok")
        return False

    def get(self, path: str) -> str:
        """From the status port."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['status']}{path}", timeout=10) as answer:
            return answer.read().decode()

    def health(self) -> dict:
        """The page's content, whatever its status code."""
        try:
            return json.loads(self.get("/healthz"))
        except urllib.error.HTTPError as error:
            return json.loads(error.read())

    def pid(self, name: str) -> int:
        """Of one of the processes."""
        return next(each["pid"] for each in self.health()["processes"] if each["name"] == name)

    def kill(self, name: str) -> None:
        """kill -9, and wait until another runs in its place."""
        before = self.pid(name)
        os.kill(before, signal.SIGKILL)
        until(lambda: self.pid(name) not in (0, before) and self.health()["status"] == "ok", f"{name} is back")

    def kill_all(self) -> None:
        """kill -9 of every process at once, the supervisor too."""
        assert self.process is not None
        pids = [each["pid"] for each in self.health()["processes"] if each["pid"]]
        os.killpg(self.process.pid, signal.SIGKILL)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self.process is not None
        self.process.terminate()
        code = self.process.wait(60)
        self.process = None
        return code

    def tail(self) -> str:
        """The end of the log, for the message of a failed assertion."""
        with contextlib.suppress(OSError):
            return (self.folder / "log").read_text()[-20000:]
        return ""

    def log_lines(self) -> list[dict]:
        """All events so far."""
        return [json.loads(line) for line in (self.folder / "log").read_text().splitlines() if line.startswith("{")]

    def odmail(self, *argv: str) -> str:
        """The command line; its standard output."""
        done = commands.odmail("--config", str(self.config), *argv)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def tls(self) -> ssl.SSLContext:
        """A client's, that trusts the demonstration's authority."""
        return ssl.create_default_context(cafile=self.authority)

    def imap(self, login: str, password: str | None = None) -> imaplib.IMAP4_SSL:
        """Signed in."""
        client = imaplib.IMAP4_SSL("localhost", self.ports["imaps"], ssl_context=self.tls(), timeout=PATIENCE)
        client.login(login, password or self.people[login].password)
        return client

    def submission(self, login: str, password: str | None = None) -> smtplib.SMTP:
        """Signed in, by STARTTLS."""
        client = smtplib.SMTP("localhost", self.ports["submission"], timeout=PATIENCE)
        client.starttls(context=self.tls())
        client.login(login, password or self.people[login].password)
        return client

    def mx(self) -> smtplib.SMTP:
        """From the outside."""
        return smtplib.SMTP("localhost", self.ports["mx"], timeout=PATIENCE)

    def send(self, login: str, *recipients: str, subject: str = "A test", body: str = "Hello.", **more: str) -> str:
        """Write and submit a message; its Message-ID."""
        message = EmailMessage()
        message["From"] = more.get("sender", login)
        message["To"] = ", ".join(recipients)
        message["Subject"] = subject
        message["Message-ID"] = f"<{os.urandom(8).hex()}@test.example>"
        message.set_content(body)
        with self.submission(login, more.get("password")) as client:
            client.send_message(message, more.get("sender", login), recipients)
        return message["Message-ID"]

    def awaited(self, login: str, message_id: str, mailbox: str = "INBOX", password: str | None = None) -> bytes:
        """The message with this id, once it is there: all its octets."""
        client = self.imap(login, password)
        try:

            def look() -> bytes:
                if client.select(mailbox)[0] != "OK":  # a rule makes it with the message
                    return b""
                uids = client.uid("SEARCH", None, "HEADER", "Message-ID", message_id)[1][0].split()
                return uids[-1] if uids else b""

            uid = until(look, f"{message_id} arrives for {login}\n{self.tail()}")
            return client.uid("FETCH", uid.decode(), "(BODY.PEEK[])")[1][0][1]
        finally:
            client.logout()


@contextlib.contextmanager
def running(
    roles: tuple[str, ...] = (), prepare: Callable[[Daemon], object] = lambda _: None, **more: object
) -> Iterator[Daemon]:
    """A whole suite, `prepare` called before its start. Short folder names: a Unix socket's path has 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="od", dir=os.environ.get("TMPDIR", "/tmp")))
    daemon = Daemon(folder, roles, **more)
    try:
        prepare(daemon)
        daemon.start()
        yield daemon
    except BaseException:
        print(daemon.tail())
        raise
    finally:
        if daemon.process is not None and daemon.process.poll() is None:
            daemon.stop()
        shutil.rmtree(folder, ignore_errors=True)
