"""What an administrator reads when something is wrong at the start: one line that says what, and no stack."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from odcore import clock
from odcore.config.explain import example
from odcore.config.types import HostPort
from odsuite import certs
from odsuite.settings import Settings
from odtest.daemon import running

ODMAIL = [sys.executable, "-m", "odsuite.cli.main"]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short: a Unix socket's path has 107 bytes."""
    path = Path(tempfile.mkdtemp(prefix="od"))
    yield path
    shutil.rmtree(path)


def configured(folder: Path, **given: object) -> Path:
    """A configuration with a certificate, everything on ports of the system's choice."""
    local = {f"listen.{name}": [HostPort("127.0.0.1:0")] for name in Settings().listen.__struct_fields__}
    config = folder / "odmail.toml"
    config.write_text(example(Settings, {"data": "data", **local, **given}))
    certs.ensure(folder / "data" / "tls", ["localhost"])
    return config


def refused(config: Path, *argv: str, **environment: str) -> str:
    """What `odmail serve` says; it must end by itself, with one line."""
    done = subprocess.run(
        [*ODMAIL, "serve", "--config", str(config), *argv],
        capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **environment},
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    [line] = [each for each in done.stderr.splitlines() if not each.startswith("{")]
    assert line.startswith("odmail: ")
    assert "Traceback" not in done.stderr
    return line


def test_a_missing_certificate_is_named(folder: Path):
    config = configured(folder)
    (folder / "data/tls/server.pem").unlink()
    assert "tls/server.pem: No such file or directory. Put the server's certificate" in refused(config)


def test_a_missing_key_is_named(folder: Path):
    config = configured(folder)
    (folder / "data/tls/server.key").unlink()
    assert "tls/server.key: No such file or directory" in refused(config)


def test_a_file_that_is_no_certificate_is_named(folder: Path):
    config = configured(folder)
    (folder / "data/tls/server.pem").write_text("nothing\n")
    assert "server.pem is no PEM certificate" in refused(config)


def test_a_key_with_a_passphrase_is_named_and_nobody_is_asked_for_it(folder: Path):
    config = configured(folder)
    key = folder / "data/tls/server.key"
    locked = folder / "locked"
    subprocess.run(["openssl", "pkey", "-in", key, "-aes256", "-passout", "pass:hush", "-out", locked], check=True)
    locked.replace(key)
    assert "server.key is no PEM private key without a passphrase" in refused(config)


def test_a_key_of_another_certificate_is_named(folder: Path):
    config = configured(folder)
    kept = (folder / "data/tls/server.key").read_bytes()
    certs.issue(folder / "data/tls", ["localhost"])
    (folder / "data/tls/server.key").write_bytes(kept)
    assert "server.key is not the key of" in refused(config)


def test_with_a_certificate_that_ended_mail_goes_on_and_the_log_says_so(monkeypatch):
    with running() as house:
        house.stop()
        now = clock.now()
        monkeypatch.setattr(clock, "now", lambda: now - timedelta(days=400))
        certs.issue(house.folder / "tls", ["localhost"])
        monkeypatch.undo()
        house.start()
        [line] = [each for each in house.log_lines() if each["event"] == "certificate-expired"]
        assert line["level"] == "error"
        assert line["days_ago"] == 3


def test_a_port_in_use_is_named(folder: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = HostPort(f"127.0.0.1:{taken.getsockname()[1]}")
        said = refused(configured(folder, **{"listen.imaps": [address]}))
    assert f"cannot listen on {address}: Address already in use. Another program does" in said


def test_a_missing_configuration_is_named(folder: Path):
    assert "none.toml: No such file or directory" in refused(folder / "none.toml")


def test_a_wrong_setting_is_named_with_its_path(folder: Path):
    config = folder / "odmail.toml"
    config.write_text('[smtp]\nidle_seconds = "soon"\n')
    assert "odmail.toml: smtp.idle_seconds: Expected `int`" in refused(config)


def test_a_data_folder_with_too_long_a_path_is_refused(folder: Path):
    (folder / ("x" * 100)).mkdir()
    assert "too long for a Unix socket" in refused(configured(folder, data="x" * 100))


def test_a_missing_slapd_is_named_with_its_package(folder: Path):
    config = configured(folder)
    program = "from odcore.directory import slapd; slapd._PROGRAMS = (); from odsuite.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "serve", "--config", str(config)],
        capture_output=True, text=True, timeout=60, check=False, env={**os.environ, "PATH": str(folder)},
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "odmail: OpenLDAP's slapd is missing: apt install slapd slapd-contrib\n"


def test_a_second_daemon_on_one_data_folder_ends_and_the_first_goes_on():
    with running() as house:
        said = refused(house.config)
        assert f"Another odmail (process {house.process.pid}) has role directory on {house.folder} already." in said
        assert house.health()["status"] == "ok"


def test_standard_output_is_for_what_was_asked_and_log_lines_are_not(folder: Path):
    done = subprocess.run(
        [*ODMAIL, "person", "list", "--json", "--config", str(configured(folder))],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout == ""
    assert "directory_unreachable" in done.stderr
    assert done.stderr.splitlines()[-1] == "odmail: The directory cannot be reached, try again later."
