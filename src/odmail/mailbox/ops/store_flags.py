"""STORE: set, add or remove flags and keywords.  RFC 9051 6.4.6, RFC 7162 3.1.3"""

from collections.abc import Callable

from odcore.errors import Fault, Kind
from odmail.mailbox import keywords, placements
from odmail.mailbox.api import Stored, StoreFlags
from odmail.mailbox.model import Row
from odmail.mailbox.placements import DELETED, SEEN, Place
from odmail.mailbox.transaction import Box, Transaction


def store_flags(tx: Transaction, options: StoreFlags, reader: int) -> Stored:
    """Only messages that change get a new modseq, and nothing is written when none does."""
    box = tx.box(options.mailbox)
    words = keywords.bits(tx, options.keywords, make=options.mode != "remove" and options.may.keywords)
    known = placements.find(tx, box.mailbox, options.uids)
    failed = [place.uid for place in known if _is_newer(place, options.unchanged_since)]
    places = [place for place in known if not _is_newer(place, options.unchanged_since)]
    seen = _seen(tx, box, places, reader)
    change = _change(options, words)
    old = [_as_seen(place, seen) for place in places]
    after = [change(*had) for had in old]
    changed = [(place, new) for place, had, new in zip(places, old, after, strict=True) if had != new]
    before = box.highestmodseq
    modseq = _write(tx, box, changed, seen, reader) if changed else before
    touched = {place.uid for place, _ in changed}
    rows = [
        Row(place.uid, flags, word, modseq if place.uid in touched else place.modseq, place.message)
        for place, (flags, word) in zip(places, after, strict=True)
    ]
    return Stored(rows, failed, modseq, before)


def _is_newer(place: Place, unchanged_since: int | None) -> bool:
    return unchanged_since is not None and place.modseq > unchanged_since


def _seen(tx: Transaction, box: Box, places: list[Place], reader: int) -> set[int] | None:
    """What the reader has seen of these; None when \\Seen is in the row."""
    if not reader or not places:
        return None
    return placements.seen_by(tx, box.mailbox, reader, places[0].uid, places[-1].uid)


def _as_seen(place: Place, seen: set[int] | None) -> tuple[int, int]:
    """Flags and keywords as the reader has them."""
    if seen is None:
        return place.flags, place.keywords
    return placements.as_seen(place.flags, seen=place.uid in seen), place.keywords


def _change(options: StoreFlags, words: int) -> Callable[[int, int], tuple[int, int]]:
    """What becomes of a message's flags and keywords."""
    may = int(options.may.flags)
    flags, words = int(options.flags) & may, words if options.may.keywords else 0
    kept, kept_words = ~may, 0 if options.may.keywords else -1
    match options.mode:
        case "set":
            return lambda had, known: (had & kept | flags, known & kept_words | words)
        case "add":
            return lambda had, known: (had | flags, known | words)
        case "remove":
            return lambda had, known: (had & ~flags, known & ~words)
    raise Fault(Kind.BAD_REQUEST, "No such way to store flags.")


def _write(
    tx: Transaction,
    box: Box,
    changed: list[tuple[Place, tuple[int, int]]],
    seen: set[int] | None,
    reader: int,
) -> int:
    books = tx.books()
    modseq = books.tick()
    if seen is not None:
        now = {place.uid for place, (flags, _) in changed if flags & SEEN}
        placements.see(tx, box.mailbox, reader, sorted(now - seen))
        placements.unsee(tx, box.mailbox, reader, [place.uid for place, _ in changed if place.uid not in now])
    rows = []
    for place, (flags, word) in changed:
        if seen is not None:  # the row keeps the owner's \Seen
            flags = placements.as_seen(flags, seen=bool(place.flags & SEEN))
        box.unseen += bool(place.flags & SEEN) - bool(flags & SEEN)
        box.deleted += bool(flags & DELETED) - bool(place.flags & DELETED)
        rows.append((place.uid, flags, word))
    placements.touch(tx, box, rows, modseq)
    tx.save_box(box)
    tx.save_books(books)
    return modseq
