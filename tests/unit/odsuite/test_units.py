"""The units of config/systemd start what there is, each role once, with what each role needs and no more."""

import configparser
import shlex
from pathlib import Path

import pytest

from odcore.config.types import HostPort
from odsuite import roles
from odsuite.cli.main import cli
from odsuite.settings import ListenSettings

UNITS = sorted((Path(__file__).parents[3] / "config" / "systemd").glob("*.service"))


class Options(dict):
    """A key may stand several times: the lines are kept, one below the other."""

    def __setitem__(self, key: str, value: list[str]) -> None:
        super().__setitem__(key, [*self.get(key, []), *value] if isinstance(value, list) else value)


def service(unit: Path) -> dict[str, str]:
    parser = configparser.RawConfigParser(strict=False, dict_type=Options)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(unit.read_text())
    return dict(parser["Service"])


def arguments(unit: Path) -> dict[str, object]:
    """What `odmail serve` would be given."""
    program, *argv = shlex.split(service(unit)["ExecStart"])
    assert program == "/opt/odmail/bin/odmail"
    assert argv[:3] == ["--config", "/etc/odmail/odmail.toml", "serve"]
    command = cli.get_command(None, "serve")
    assert command is not None
    return command.make_context("serve", argv[3:]).params


def test_each_role_has_one_unit_and_a_status_port_of_its_own():
    given = [arguments(unit) for unit in UNITS if unit.stem != "odmail"]
    assert sorted(str(each["role"]) for each in given) == sorted(set(roles.ROLES) - {"sink"})
    assert len({each["status"] for each in given}) == len(given)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_may_open_low_ports_if_its_role_has_any(unit: Path):
    addresses = roles.addresses(roles.parse(str(arguments(unit)["role"])), ListenSettings())
    low = any(HostPort(address).port < 1024 for _, address in addresses)
    assert service(unit).get("AmbientCapabilities", "") == ("CAP_NET_BIND_SERVICE" if low else "")
    assert service(unit)["CapabilityBoundingSet"] == ("CAP_NET_BIND_SERVICE" if low else "")


def test_all_units_are_hardened_alike():
    own = ("ExecStart", "AmbientCapabilities", "CapabilityBoundingSet")
    [same] = {tuple((key, value) for key, value in service(unit).items() if key not in own) for unit in UNITS}
    assert ("NoNewPrivileges", "yes") in same
    assert ("ProtectSystem", "strict") in same
    assert dict(same)["SystemCallFilter"].split("\n") == ["@system-service", "~@privileged", "capset"]
