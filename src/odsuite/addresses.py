"""Where each service really listens, told to other programs: a configuration may let the system choose ports (`:0`)."""

import msgspec

from odsuite.settings import Settings

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
