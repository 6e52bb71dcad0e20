"""Roles, ports of the demonstration, configuration files, the outside world."""

import os
import socket
import tempfile
from collections.abc import Iterator

import click
import msgspec
import pytest
from click.testing import CliRunner

from odcore.config.types import HostPort
from odcore.errors import Fault, Kind
from odmail.queue.model import Envelope, Origin, Recipient
from odsuite import certs, loopback, roles
from odsuite.cli.main import cli
from odsuite.outside import Outside
from odsuite.settings import ListenSettings, Settings, read


def test_all_is_every_role_and_a_list_is_those_named():
    assert roles.parse("all") == set(roles.ROLES)
    assert roles.parse("mx, queue") == {"mx", "queue"}


@pytest.mark.parametrize("text", ["", "mx,postoffice", ","])
def test_what_is_no_role_is_refused(text: str):
    with pytest.raises(Fault) as caught:
        roles.parse(text)
    assert caught.value.kind is Kind.BAD_REQUEST


def test_a_role_opens_its_own_ports_only():
    listen = ListenSettings(imap=(HostPort("127.0.0.1:1"),), imaps=(HostPort("127.0.0.1:2"), HostPort("[::1]:2")))
    assert roles.addresses({"imap", "queue"}, listen) == [
        ("imap", "127.0.0.1:1"),
        ("imaps", "127.0.0.1:2"),
        ("imaps", "[::1]:2"),
    ]


def test_a_demonstration_takes_another_port_where_one_is_taken():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        offset = taken.getsockname()[1] - loopback.PORTS["imap"]
        ports = loopback.choose(offset)
    assert ports["imap"] != taken
    assert ports["imap"] > offset + loopback.PORTS["imap"]
    assert len(set(ports.values())) == len(loopback.PORTS)


def test_the_demonstrations_configuration_keeps_everything_on_loopback_and_mail_at_home(tmp_path):
    ports = {service: 20000 + number for number, service in enumerate(loopback.PORTS)}
    loopback.write(tmp_path / "odmail.toml", ports)
    settings = read(tmp_path / "odmail.toml")
    addresses = [address for each in msgspec.structs.astuple(settings.listen) for address in each]
    assert {HostPort(address).host for address in addresses} == {"127.0.0.1"}
    assert settings.delivery.relay == settings.sink.listen[0]
    assert settings.root == tmp_path


def test_init_writes_a_configuration_once_and_never_over_another(tmp_path):
    path = tmp_path / "odmail.toml"
    runner = CliRunner()
    made = runner.invoke(cli, ["--config", str(path), "init", "--hostname", "mail.odisha.example", "--data", "data"])
    assert made.exit_code == 0, made.output
    assert path.stat().st_mode & 0o777 == 0o600
    settings = read(path)
    assert settings.hostname == "mail.odisha.example"
    assert settings.root == tmp_path / "data"
    assert msgspec.structs.replace(settings, hostname="", data=Settings().data) == Settings()
    again = runner.invoke(cli, ["--config", str(path), "init"])
    assert isinstance(again.exception, Fault)
    assert again.exception.kind is Kind.EXISTS


def commands(group: click.Group) -> Iterator[click.Command]:
    """All of them, groups and those below."""
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        yield command
        if isinstance(command, click.Group):
            yield from commands(command)


def test_the_configuration_may_be_named_after_every_command():
    found = list(commands(cli))
    assert len(found) > 60
    assert [each.name for each in found if "--config" not in each.params[-1].opts] == []


@pytest.mark.parametrize("place", ["before", "after", "environment"])
def test_the_configuration_is_the_one_that_is_named(tmp_path, place: str):
    path = str(tmp_path / "odmail.toml")
    argv = {"before": ["--config", path, "init"], "after": ["init", "--config", path]}.get(place, ["init"])
    environment = {"ODMAIL_CONFIG": path if place == "environment" else str(tmp_path / "another.toml")}
    assert CliRunner().invoke(cli, argv, env=environment).exit_code == 0
    assert [each.name for each in tmp_path.iterdir()] == ["odmail.toml"]


def test_the_demonstrations_authority_can_be_read_by_people_when_root_runs_it(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "data").mkdir(mode=0o700)
    authority = certs.ensure(tmp_path / "data" / "tls", ["localhost"])
    for effective, wanted in ((1000, authority), (0, None), (0, None)):
        monkeypatch.setattr(os, "geteuid", lambda effective=effective: effective)
        copy = certs.readable_copy(authority)
        assert wanted is None or copy == wanted
        assert copy.read_bytes() == authority.read_bytes()
        assert copy.stat().st_mode & 0o777 == 0o644
    assert copy.parent == tmp_path
    assert sorted(tmp_path.iterdir()) == sorted([copy, tmp_path / "data"])


def test_every_command_has_a_help_page():
    runner = CliRunner()
    for name in cli.list_commands(None):
        shown = runner.invoke(cli, [name, "--help"])
        assert shown.exit_code == 0, name
        assert "Usage:" in shown.output


def outside_of(tmp_path, sender: str, *recipients: str):
    envelope = Envelope(sender, tuple(Recipient(each) for each in recipients))
    return Outside(tmp_path).receive(envelope, Origin("mx"), None)


def test_a_letter_to_the_outside_is_a_file_with_its_envelope_beside_it(tmp_path):
    letter = outside_of(tmp_path, "a@odisha.example", "b@elsewhere.example")
    letter.write(b"Subject: x\r\n")
    letter.write(b"\r\nHello\r\n")
    done = letter.finish()
    assert (tmp_path / f"{done.id}.eml").read_bytes() == b"Subject: x\r\n\r\nHello\r\n"
    envelope = msgspec.json.decode((tmp_path / f"{done.id}.json").read_bytes(), type=Envelope)
    assert envelope.recipients[0].address == "b@elsewhere.example"
    assert done.faults == (None,)


def test_a_letter_given_up_leaves_nothing(tmp_path):
    letter = outside_of(tmp_path, "a@odisha.example", "b@elsewhere.example")
    letter.write(b"Subject: x\r\n")
    letter.discard()
    assert list(tmp_path.iterdir()) == []
