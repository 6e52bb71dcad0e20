"""LDAP's operations, one file each: a module here declares `VERBS` and is found by being here."""

import importlib
import pkgutil

from oddav.ldap.registry import Verb, tabulate


def load() -> dict[int, Verb]:
    """All operations by the tags of their requests."""
    modules = (importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    return tabulate(verb for module in modules for verb in module.VERBS)
