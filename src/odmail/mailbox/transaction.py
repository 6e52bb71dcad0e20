"""One transaction on one account: the rows every use case reads first and writes last."""

from typing import Any

import msgspec
from sqlalchemy import bindparam, insert, select, update

from odcore import clock, haste
from odcore.errors import Fault, Kind
from odcore.sql.database import Cursor
from odcore.sql.statement import statement
from odmail.mailbox import schema
from odmail.mailbox.aliases import use_of
from odmail.mailbox.model import SpecialUse
from odmail.mailbox.names import normalize

Key = dict[str, int]

_FEW = 200
"""So many mailboxes are listed in haste."""


class Books(msgspec.Struct):
    """The account's row. Fields are the columns."""

    modseq: int
    next_message: int
    next_mailbox: int
    uidvalidity: int
    used: int
    messages: int
    quota: int
    indexed: int
    outlined: int

    def tick(self) -> int:
        """The modseq of this transaction's changes."""
        self.modseq += 1
        return self.modseq

    def new_uidvalidity(self) -> int:
        """Greater than any given out before, even when the clock was set back.  RFC 9051 2.3.1.1"""
        self.uidvalidity = max(self.uidvalidity + 1, clock.timestamp())
        return self.uidvalidity

    def take(self, octets: int, messages: int) -> None:
        """Count what is added. Fault OVER_QUOTA.  RFC 9208 4.3"""
        if octets > 0 and self.quota and self.used + octets > self.quota:
            raise Fault(Kind.OVER_QUOTA, "The mailbox is full.")
        self.used += octets
        self.messages += messages


class Box(msgspec.Struct):
    """A mailbox's row. Fields are the columns."""

    mailbox: int
    name: str
    uidvalidity: int
    uidnext: int
    highestmodseq: int
    present: int
    unseen: int
    deleted: int
    size: int
    recent_from: int
    special_use: str | None
    selectable: int
    forgotten: int = 0
    fading: int = 0


_account, _mailbox = schema.account, schema.mailbox
_BOOKS = statement(
    select(*(_account.c[name] for name in Books.__struct_fields__)).where(_account.c.account == bindparam("account"))
)
_SAVE_BOOKS = statement(
    update(_account)
    .where(_account.c.account == bindparam("account"))
    .values({name: bindparam(f"new_{name}") for name in Books.__struct_fields__})
).replace(":new_", ":")
_COLUMNS = [_mailbox.c[name] for name in Box.__struct_fields__]
_OF_ACCOUNT = _mailbox.c.account == bindparam("account")
_BOX_BY_NAME = statement(select(*_COLUMNS).where(_OF_ACCOUNT, _mailbox.c.name == bindparam("name")))
_BOX_BY_KEY = statement(select(*_COLUMNS).where(_OF_ACCOUNT, _mailbox.c.mailbox == bindparam("mailbox")))
_BOXES = statement(select(*_COLUMNS).where(_OF_ACCOUNT).order_by(_mailbox.c.name).limit(bindparam("most")))
_BOXES_BELOW = statement(
    select(*_COLUMNS)
    .where(_OF_ACCOUNT, _mailbox.c.name > bindparam("below"), _mailbox.c.name < bindparam("after"))
    .order_by(_mailbox.c.name)
)
_ADD_BOX = statement(insert(_mailbox))
_SAVE_BOX = statement(
    update(_mailbox)
    .where(_OF_ACCOUNT, _mailbox.c.mailbox == bindparam("mailbox"))
    .values({name: bindparam(f"new_{name}") for name in Box.__struct_fields__ if name != "mailbox"})
).replace(":new_", ":")


class Transaction:
    """A cursor with the account's key bound, and the mailboxes that hints must tell of."""

    __slots__ = ("account", "annotated", "cursor", "hints")

    def __init__(self, cursor: Cursor, account: int) -> None:
        self.cursor = cursor
        self.account = account
        self.hints: dict[int, int] = {}  # mailbox: modseq; mailbox 0 is the list
        self.annotated: dict[int, int] = {}  # the same for annotations; mailbox 0 is the server

    def books(self) -> Books:
        """The account's row."""
        row = self.cursor.first(_BOOKS, {"account": self.account})
        if row is None:
            raise Fault(Kind.NOT_FOUND, "No such account.")
        return Books(*row)

    def save_books(self, books: Books) -> None:
        self.cursor.execute(_SAVE_BOOKS, {"account": self.account, **msgspec.structs.asdict(books)})

    def find(self, name: str) -> Box | None:
        """The mailbox of this name, selectable or not."""
        row = self.cursor.first(_BOX_BY_NAME, {"account": self.account, "name": normalize(name)})
        return Box(*row) if row else None

    def known(self, name: str) -> Box:
        """The mailbox or bare name; Fault NOT_FOUND."""
        box = self.find(name)
        if box is None:
            raise Fault(Kind.NOT_FOUND, "No such mailbox")
        return box

    def meant(self, name: str) -> Box | None:
        """The mailbox of this name or, when there is none, the one that programs call so (see `aliases`)."""
        found = self.find(name)
        use = None if found else use_of(name)
        return self.used_as(use) if use else found

    def used_as(self, use: SpecialUse) -> Box | None:
        """The mailbox with this special use."""
        return next((box for box in self.boxes() if box.special_use == use), None)

    def named(self, name: str) -> Box:
        """The mailbox meant by this name that can hold messages; Fault NOT_FOUND."""
        box = self.meant(name)
        if box is None or not box.selectable:
            raise Fault(Kind.NOT_FOUND, "No such mailbox")
        return box

    def find_by_key(self, mailbox: int) -> Box | None:
        """A mailbox by its key."""
        row = self.cursor.first(_BOX_BY_KEY, {"account": self.account, "mailbox": mailbox})
        return Box(*row) if row else None

    def box(self, mailbox: int) -> Box:
        """A mailbox by its key; Fault NOT_FOUND when it was deleted meanwhile."""
        box = self.find_by_key(mailbox)
        if box is None:
            raise Fault(Kind.NOT_FOUND, "The mailbox was deleted.")
        return box

    def boxes(self) -> list[Box]:
        """All, by name: parents come before children."""
        return [Box(*row) for row in self.every(_BOXES)]

    def every(self, query: str) -> list[Any]:
        """All rows of the account that a query finds, `most` of them; in haste only if they are few."""
        hasty = haste.in_haste()
        rows = self.cursor.all(query, {"account": self.account, "most": _FEW + 1 if hasty else -1})
        if hasty and len(rows) > _FEW:
            haste.wait()
        return rows

    def boxes_between(self, below: str, after: str) -> list[Box]:
        """Those with below < name < after, by name."""
        rows = self.cursor.all(_BOXES_BELOW, {"account": self.account, "below": below, "after": after})
        return [Box(*row) for row in rows]

    def add_box(self, box: Box) -> None:
        self.cursor.execute(_ADD_BOX, {"account": self.account, **msgspec.structs.asdict(box)})
        self.hints[0] = 0

    def save_box(self, box: Box) -> None:
        """Write the row back and tell those who watch the mailbox."""
        self.cursor.execute(_SAVE_BOX, {"account": self.account, **msgspec.structs.asdict(box)})
        self.hints[box.mailbox] = box.highestmodseq
