"""Where each service really listens, told to other programs: a configuration may let the system choose ports (`:0`)."""

import msgspec

from odcore.config.types import HostPort
from odsuite.settings import Addresses, Settings

Told = dict[str, list[str]]
"""Addresses by service, as `[listen]` names them."""


def write(settings: Settings, tag: str, told: Told) -> None:
    """By a supervisor, once its sockets are open."""
    (settings.root / "run" / f"addresses-{tag}.json").write_bytes(msgspec.json.encode(told))


def read(settings: Settings) -> Told:
    """What the supervisors of this data folder told."""
    found: Told = {}
    for path in sorted((settings.root / "run").glob("addresses-*.json")):
        found |= msgspec.json.decode(path.read_bytes(), type=Told)
    return found


def ports(settings: Settings) -> dict[str, int]:
    """By service, the first of each; 0 where it is switched off."""
    told = read(settings)
    return {name: _port(name, found, told) for name, found in msgspec.structs.asdict(settings.listen).items()}


def portal(settings: Settings) -> str:
    """Where the pages are, as other people's programs reach them; "" where there are none."""
    port = ports(settings)["https"]
    return f"https://{settings.name}{'' if port == 443 else f':{port}'}" if port else ""


def _port(service: str, configured: Addresses, told: Told) -> int:
    """Where the system chose the port (`:0`), the one it chose."""
    if configured and configured[0].port == 0 and service in told:
        return HostPort(told[service][0]).port
    return configured[0].port if configured else 0
