"""What happened on both sides since the last time becomes a list of notes to look at: one transaction.

The list is in the rows (`Pair.due`), so a crash after this loses nothing, and whoever comes next goes on with it.
"""

from odcore.errors import Fault
from odcore.notes import Look, key_of
from oddav.store.model import Collection, Item
from oddav.store.ops import pairs
from oddav.store.ops.changes import changes
from oddav.store.ops.pairs import Standing
from oddav.store.transaction import Transaction

_AT_ONCE = 200


def collection(tx: Transaction) -> Collection | None:
    """The journals that are notes: those of the oldest collection that holds nothing else."""
    return next((each for each in tx.collections() if each.components == "VJOURNAL"), None)


def take_in(tx: Transaction, look: Look) -> bool:
    """Whether more is left to take in."""
    before = pairs.standing(tx)
    if look.afresh:
        pairs.forget_mailbox(tx)
    keys = pairs.forget(tx, look.gone)
    pairs.know(tx, look.found)
    keys.update(look.found.values())
    token, more = before.token, False
    notes = collection(tx)
    if notes is not None:
        token, more = _journals(tx, notes, before.token, keys)
    for key in keys:
        each = pairs.pair(tx, key)
        each.due = 1
        if pairs.newest(tx, key) != each.uid or not _is_alike(tx, notes, each):
            pairs.save(tx, each)
    now = Standing(look.mark, token)
    if now != before:
        pairs.stand(tx, now)
    return more or look.more


def _journals(tx: Transaction, notes: Collection, token: str, keys: set[str]) -> tuple[str, bool]:
    """Adds to `keys`. How far it got, and whether more is left."""
    if token and not token.startswith(f"data:,{notes.epoch}-"):
        pairs.forget_base(tx)  # another collection in place of the one we knew
        token = ""
    try:
        found = changes(tx, notes, token, _AT_ONCE)
    except Fault:  # too long ago: what was deleted since is found by looking
        keys.update(pairs.lost(tx, notes.collection))
        found = changes(tx, notes, "", _AT_ONCE)
    keys.update(_named(tx, notes, item) for item in found.changed)
    keys.update(each.key for href in found.gone if (each := pairs.with_href(tx, href)) is not None)
    return found.token, found.more


def _named(tx: Transaction, notes: Collection, item: Item) -> str:
    """The key of a journal. Two whose names mean one UUID are two notes all the same."""
    known = pairs.with_href(tx, item.href)
    if known is not None:
        return known.key
    each = pairs.pair(tx, key_of(item.uid))
    if each.href and tx.find_item(notes, each.href) is not None:
        each = pairs.pair(tx, key_of(f"{item.uid} {item.href}"))
    each.href = item.href
    pairs.save(tx, each)
    return each.key


def _is_alike(tx: Transaction, notes: Collection | None, each: pairs.Pair) -> bool:
    """The journal is as it was when both were alike: perhaps it was we who wrote it."""
    item = None if notes is None or not each.href else tx.find_item(notes, each.href)
    return ("" if item is None else item.etag) == each.etag
