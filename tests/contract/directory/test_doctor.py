"""`odmail doctor` over a real directory and a real store."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from odcore.config.explain import example
from odmail.mailbox.api import Append, NewMessage
from odmail.message.parse import parse
from odsuite import certs
from odsuite.build import Parts
from odsuite.cli.main import cli
from odsuite.diagnosis import Finding
from odsuite.settings import Settings, read
from odtest.slapd import House

Doctor = Callable[..., tuple[int, list[Finding]]]


@pytest.fixture
def parts(house: House, tmp_path: Path) -> Iterator[Parts]:
    directory = {"directory.url": house.slapd.url, "directory.password_file": str(house.slapd.password_file)}
    given = {"hostname": "mail.odisha.example", "data": ".", "delivery.least_free": 0, **directory}
    (tmp_path / "odmail.toml").write_text(example(Settings, given))
    tmp_path.chmod(0o700)
    certs.ensure(tmp_path / "tls", ["mail.odisha.example"])
    made = Parts(read(tmp_path / "odmail.toml"), lambda _: None)
    store = made.store.open(house.directory.person("sasmita.nayak").id)
    incoming = store.incoming()
    incoming.write(b"Subject: large\r\n\r\n" + b"x" * 200_000)
    source = incoming.finish()
    store.append(Append("INBOX", [NewMessage(source, parse(source.view()))]))
    incoming.discard()
    yield made
    made.close()


@pytest.fixture
def doctor(parts: Parts) -> Doctor:
    def run(*options: str) -> tuple[int, list[Finding]]:
        argv = ["--config", str(parts.root / "odmail.toml"), "doctor", "--json", *options]
        result = CliRunner().invoke(cli, argv)
        return result.exit_code, msgspec.json.decode(result.stdout.splitlines()[-1], type=list[Finding])

    return run


def bad(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(each.area, each.text) for each in findings if not each.well and each.area != "directory"]


def test_where_all_is_well_it_says_so_and_warns_of_missing_keys(parts: Parts, doctor: Doctor) -> None:
    """A domain without a DKIM key, and a suite that does not run, may be intended."""
    _, findings = doctor("--octets")
    assert bad(findings) == []
    assert {"settings", "certificate", "disk", "directory", "audit", "queue", "mailboxes"} <= {
        each.area for each in findings
    }
    warned = [each for each in findings if each.warning]
    assert {each.area for each in warned} == {"ports", "dkim"}
    parts.dkim_keys.generate("odisha.example")
    _, findings = doctor()
    assert [each.warning for each in findings if each.area == "dkim" and each.text.startswith("odisha")] == [False]


def test_every_breach_is_found_and_none_hides_another(parts: Parts, doctor: Doctor) -> None:
    """A damaged blob (with --octets), an account that cannot be read, a certificate that is gone."""
    (blob,) = [path for path in parts.root.glob("accounts/*/*/blobs/*/*") if path.is_file()]
    blob.write_bytes(b"damage")
    broken = parts.root / "accounts" / "00" / "00000000-0000-4000-8000-000000000000"
    broken.mkdir(parents=True)
    (broken / "mail.sqlite").write_bytes(b"this is no database" * 100)
    (parts.root / "tls" / "server.pem").unlink()
    code, findings = doctor("--octets")
    assert code == 1
    assert {area for area, _ in bad(findings)} == {"certificate", "mailboxes"}
    assert len([area for area, _ in bad(findings) if area == "mailboxes"]) == 2
