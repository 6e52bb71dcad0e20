"""IMAP commands, one file each. A file dropped in here is a command known everywhere."""

import importlib
import pkgutil

from odmail.imap.registry import Command, Registry


def load() -> Registry:
    """All commands of this folder, by file name."""
    commands: list[Command] = []
    capabilities: list[str] = []
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda one: one.name):
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        capabilities += getattr(loaded, "CAPABILITIES", ())
        for value in vars(loaded).values():
            for one in getattr(value, "commands", ()):
                if isinstance(one, Command) and one.run.__module__ == loaded.__name__:
                    commands.append(one)
    return Registry(commands, capabilities)
