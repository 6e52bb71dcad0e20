"""The checks, one file each; a file in this folder with a `CHECK` is a check."""

import importlib
import pkgutil

from odmail.filter.check import Check


def load() -> tuple[Check, ...]:
    """All checks, in their order."""
    modules = (importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    return tuple(sorted((module.CHECK for module in modules), key=lambda check: check.place))
