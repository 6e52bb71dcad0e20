"""SMTP's verbs, one file each; a file in this folder with a `VERB` is a verb."""

import importlib
import pkgutil

from odmail.smtp.registry import Table, tabulate


def load() -> Table:
    """All verbs."""
    modules = (importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    return tabulate(verb for module in modules for verb in module.VERBS)
