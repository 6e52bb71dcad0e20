"""Root works on the data as its owner; anybody else is told whose it is. Each in a process of its own."""

import importlib
import os
import pkgutil
import pwd
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

import odcore
import odmail
import odsuite
from odcore.audit.trail import Trail
from odcore.config.explain import example
from odcore.errors import Fault, Kind
from odsuite import owner, preflight
from odsuite.build import Parts
from odsuite.cli.main import cli
from odsuite.diagnosis import diagnose
from odsuite.settings import Settings

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")

NOBODY = pwd.getpwnam("nobody")


def apart(work: Callable[[], None]) -> None:
    """In a forked process, since it changes who it is for good. All is imported first: later it may be out of reach."""
    for package in (odcore, odmail, odsuite):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            importlib.import_module(module.name)
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder of nobody's, where nobody can reach it."""
    path = Path(tempfile.mkdtemp(prefix="od"))
    path.chmod(0o755)
    (path / "data").mkdir(mode=0o700)
    os.chown(path / "data", NOBODY.pw_uid, NOBODY.pw_gid)
    yield path / "data"
    shutil.rmtree(path)


def test_root_becomes_the_owner_and_cannot_go_back(data: Path):
    def work() -> None:
        owner.step_down(data)
        assert os.getresuid() == (NOBODY.pw_uid,) * 3
        assert os.getresgid() == (NOBODY.pw_gid,) * 3
        assert set(os.getgroups()) <= {NOBODY.pw_gid}
        (data / "file").write_text("x")
        with pytest.raises(PermissionError):
            os.setuid(0)

    apart(work)
    assert (data / "file").stat().st_uid == NOBODY.pw_uid


def test_the_owner_stays_who_it_is_and_a_folder_yet_to_be_made_is_nobodys_business(data: Path):
    os.chown(data, 0, 0)
    owner.step_down(data)
    owner.step_down(data / "none")
    assert os.geteuid() == 0


def test_a_stranger_is_told_whose_the_data_is(data: Path):
    os.chown(data, 0, 0)

    def work() -> None:
        os.setuid(NOBODY.pw_uid)
        with pytest.raises(Fault, match="belongs to root: run this as root, not as nobody") as caught:
            owner.step_down(data)
        assert caught.value.kind is Kind.DENIED

    apart(work)


def test_what_root_does_by_the_command_line_leaves_no_file_the_service_cannot_read(data: Path):
    config = data.parent / "odmail.toml"
    config.write_text(example(Settings, {"data": str(data)}))
    config.chmod(0o600)
    trail = Trail(data.parent / "loaded")  # what writing loads may be out of reach later, too
    trail.record("test", "test", "test")
    trail.close()

    def work(*argv: str) -> None:
        os.umask(0o077)
        cli.main([*argv, "--config", str(config)], standalone_mode=False)

    apart(partial(work, "dkim", "generate", "odisha.example"))
    apart(partial(work, "dkim", "generate", "ocac.example"))
    made = list(data.rglob("*"))
    assert len([path for path in made if path.is_file()]) >= 4
    assert [path for path in made if path.stat().st_uid != NOBODY.pw_uid] == []


def test_the_daemon_begun_by_root_runs_as_the_owner_and_may_open_low_ports_and_nothing_else(data: Path):
    program = f"""
from pathlib import Path
from odsuite import owner, preflight
from odsuite.build import Parts
owner.run_as_owner(Path({str(data)!r}), ["cat", "/proc/self/status"])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    facts = dict(line.split(":", 1) for line in done.stdout.splitlines())
    assert facts["Uid"].split() == [str(NOBODY.pw_uid)] * 4
    assert facts["Gid"].split() == [str(NOBODY.pw_gid)] * 4
    assert facts["NoNewPrivs"].strip() == "1"
    assert int(facts["CapAmb"], 16) == int(facts["CapEff"], 16) == 1 << 10  # CAP_NET_BIND_SERVICE


def test_root_makes_no_data_folder_that_the_service_could_not_use(data: Path):
    with pytest.raises(Fault, match="install -d -o odmail -m 0700"):
        owner.run_as_owner(data / "none", ["true"])


def test_a_folder_that_another_user_made_inside_is_named_at_the_start(data: Path):
    os.chown(data, 0, 0)
    (data / "queue").mkdir()
    os.chown(data / "queue", NOBODY.pw_uid, -1)
    with pytest.raises(Fault, match=f"data/queue belongs to nobody. As root: chown -R root: {data}"):
        preflight.make_folders(Settings(data=str(data)))


def test_doctor_finds_files_that_another_user_made(data: Path):
    (data / "keys").mkdir()
    parts = Parts(Settings(data=str(data)), lambda _: None)
    [found] = [each for each in diagnose(parts, "test", octets=False) if "nobody's" in each.text]
    assert not found.well
    assert found.text.startswith(f"1 files are not nobody's, {data}/keys is the first: chown -R nobody: {data}")
