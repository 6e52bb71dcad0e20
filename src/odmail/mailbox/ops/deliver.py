"""Delivery by scripts: messages enter the mailboxes chosen for them, and marks are remembered, all or nothing.

A message in several mailboxes is stored once and has several places.  RFC 5490 3.2, RFC 8579 4, RFC 9042 3
"""

from odcore import clock
from odcore.blob.store import Blobs
from odcore.errors import Fault, Kind
from odmail.mailbox import keywords, messages, placements
from odmail.mailbox.api import CreateMailbox, Subscribe
from odmail.mailbox.messages import Prepared
from odmail.mailbox.model import INBOX, SpecialUse
from odmail.mailbox.ops.create import create
from odmail.mailbox.ops.listing import mailbox_key
from odmail.mailbox.ops.remember import remember
from odmail.mailbox.ops.subscribe import subscribe
from odmail.mailbox.placements import Place
from odmail.mailbox.scripts import Deliver, Filed
from odmail.mailbox.transaction import Box, Transaction


def deliver(tx: Transaction, options: Deliver, prepared: list[Prepared], blobs: Blobs) -> list[list[tuple[str, int]]]:
    """`prepared` are the messages of `options`, made ready outside the transaction."""
    chosen = [_boxes(tx, each.places) for each in options.messages]
    books = tx.books()
    sizes = [one.new.source.size * len(boxes) for one, boxes in zip(prepared, chosen, strict=True)]
    books.take(sum(sizes), sum(map(len, chosen)))
    modseq, first = books.tick(), books.next_message
    found: list[list[tuple[str, int]]] = []
    for message, (one, boxes) in enumerate(zip(prepared, chosen, strict=True), first):
        messages.add(tx, one, message, blobs)
        found.append([_put(tx, box, _place(tx, one, message, filed), modseq) for box, filed in boxes])
    books.next_message += len(prepared)
    tx.save_books(books)
    remember(tx, options.marks)
    return found


def _boxes(tx: Transaction, places: tuple[Filed, ...]) -> list[tuple[Box, Filed]]:
    """Each mailbox once, with the flags of all that meant it."""
    found: dict[int, tuple[Box, Filed]] = {}
    for filed in places:
        box = _box(tx, filed)
        if box.mailbox in found:
            other = found[box.mailbox][1]
            words = tuple(dict.fromkeys((*other.keywords, *filed.keywords)))
            filed = Filed(filed.target, other.flags | filed.flags, words)
        found[box.mailbox] = (box, filed)
    return list(found.values())


def _box(tx: Transaction, filed: Filed) -> Box:
    """What is asked for and not there is INBOX: mail is never lost for a name."""
    if filed.mailbox_id and (key := mailbox_key(tx.account, filed.mailbox_id)):
        try:
            return tx.box(key)
        except Fault:
            pass
    if filed.special_use:
        use = filed.special_use.lower()
        for box in tx.boxes():
            if box.special_use is not None and box.special_use.lower() == use and box.selectable:
                return box
    try:
        return tx.named(filed.target)
    except Fault:
        return _created(tx, filed) if filed.create else tx.named(INBOX)


def _created(tx: Transaction, filed: Filed) -> Box:
    """With its use, if it is one we know; people see it, too."""
    use = next((each for each in SpecialUse if each.value.lower() == filed.special_use.lower()), None)
    try:
        box = create(tx, CreateMailbox(filed.target, use))
        subscribe(tx, Subscribe(box.name, True))
    except Fault:  # no name for a mailbox, or too many of them
        return tx.named(INBOX)
    return box


def _place(tx: Transaction, one: Prepared, message: int, filed: Filed) -> Place:
    received = one.new.received if one.new.received is not None else clock.timestamp()
    return Place(0, message, filed.flags, _words(tx, filed.keywords), received, one.new.source.size)


def _words(tx: Transaction, names: tuple[str, ...]) -> int:
    """An account full of keywords takes no new ones; the message is delivered without them."""
    try:
        return keywords.bits(tx, names, make=True)
    except Fault as fault:
        if fault.kind is not Kind.LIMIT:
            raise
        return keywords.bits(tx, names, make=False)


def _put(tx: Transaction, box: Box, place: Place, modseq: int) -> tuple[str, int]:
    current = tx.box(box.mailbox)  # another message of this batch may have changed it
    (uid,) = placements.add(tx, current, [place], modseq)
    tx.save_box(current)
    return current.name, uid
