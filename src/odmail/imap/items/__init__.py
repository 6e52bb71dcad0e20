"""FETCH items, one file each: a module here declares `ITEMS` and is found by being here."""

import importlib
import pkgutil

from odmail.imap.item import Item


def load() -> dict[bytes, Item]:
    """All items by name."""
    modules = (importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    return {item.name: item for module in modules for item in module.ITEMS}
