"""ManageSieve commands, one file each. A file dropped in here is a command known everywhere."""

import importlib
import pkgutil

from odmail.managesieve.registry import Command, Registry


def load() -> Registry:
    """All commands of this folder, by file name."""
    commands: list[Command] = []
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda one: one.name):
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        commands += [value.command for value in vars(loaded).values() if hasattr(value, "command")]
    return Registry(commands)
