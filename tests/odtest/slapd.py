"""A real slapd for a test: fresh data, a Unix socket of its own, gone afterwards."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from odcore.directory.admin import Admin
from odcore.directory.connection import Link
from odcore.directory.ldap import LdapDirectory
from odcore.directory.settings import DirectorySettings
from odcore.directory.slapd import Slapd


class House:
    """A running directory and everything that talks to it. `events` is what the audit was told, `sent` the bus."""

    def __init__(self, folder: Path, settings: DirectorySettings | None = None) -> None:
        self.settings = settings or DirectorySettings()
        self.slapd = Slapd(folder, self.settings)
        self.process: subprocess.Popen[bytes] | None = None
        self.link = Link(self.settings, folder)
        self.directory = LdapDirectory(self.link)
        self.events: list[tuple[str, str, str, dict[str, str]]] = []
        self.sent: list[object] = []
        self.admin = Admin(self.directory, self.link, self.record, self.sent.append, "test")

    def record(self, event: str, actor: str, subject: str, **facts: str) -> None:
        self.events.append((event, actor, subject, facts))

    def cpu_seconds(self) -> float:
        """What slapd has used of the processor, all its threads together, to the nanosecond."""
        assert self.process is not None
        threads = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((each / "schedstat").read_text().split()[0]) for each in threads) / 1e9

    def start(self) -> None:
        self.slapd.prepare()
        self.process = subprocess.Popen(self.slapd.argv(), stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not self.slapd.ready():
            assert self.process.poll() is None, "slapd ended at once"
            assert time.monotonic() < deadline, "slapd does not listen"
            time.sleep(0.01)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process = None

    def another(self) -> LdapDirectory:
        """What another process would see, with a cache of its own."""
        return LdapDirectory(Link(self.settings, self.slapd.folder))

    @property
    def password(self) -> str:
        return self.slapd.password_file.read_text().strip()

    def tool(self, name: str, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
        """Run ldapmodify and the like as the service account: what any other tool would do."""
        argv = [name, "-x", "-H", self.slapd.url, "-D", self.link.user, "-w", self.password, *arguments]
        return subprocess.run(argv, input=text, capture_output=True, text=True, timeout=20, check=False)


@contextmanager
def running(settings: DirectorySettings | None = None) -> Iterator[House]:
    """Short folder names: a Unix socket's path has 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="od", dir=os.environ.get("TMPDIR", "/tmp")))
    house = House(folder, settings)
    try:
        house.start()
        yield house
    finally:
        house.link.close()
        house.stop()
        shutil.rmtree(folder, ignore_errors=True)
