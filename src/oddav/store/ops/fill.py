"""A collection that others keep: its resources are made to be exactly these, and nothing that is alike is touched."""

from collections.abc import Mapping

from oddav.facts import Facts
from oddav.store.model import Put, Remove
from oddav.store.ops import put, read, remove
from oddav.store.transaction import Transaction


def fill(
    tx: Transaction, name: str, wanted: Mapping[str, tuple[bytes, Facts]], kept: frozenset[str] = frozenset()
) -> int:
    """How many were put or removed; those called `kept` stay. Faults NOT_FOUND (collection), OVER_QUOTA."""
    collection = tx.collection(name)
    before = collection.modseq
    for item in read.items(tx, collection):
        if item.href not in wanted and item.href not in kept:
            remove.remove(tx, Remove(name, item.href))
    for href, (octets, facts) in wanted.items():
        put.put(tx, Put(name, href, octets, facts))
    return tx.collection(name).modseq - before
