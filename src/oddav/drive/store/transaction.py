"""One transaction on one drive: the rows every use case reads first and writes last."""

from typing import Any

import msgspec
from sqlalchemy import bindparam, insert, select, update

from odcore import clock
from odcore.errors import Fault, Kind
from odcore.sql.database import Cursor
from odcore.sql.statement import statement
from oddav.drive.store import schema
from oddav.drive.store.model import ROOT, Node
from oddav.drive.store.names import key_of, split


class Books(msgspec.Struct):
    """The drive's row. Fields are the columns."""

    modseq: int = 0
    next_node: int = ROOT + 1
    next_version: int = 1
    used: int = 0
    kept: int = 0


_drive, _node = schema.drive, schema.node
_NAMES = Books.__struct_fields__
_BOOKS = statement(select(*(_drive.c[name] for name in _NAMES)).where(_drive.c.account == bindparam("account")))
_OPEN_BOOKS = statement(insert(_drive))
_SAVE_BOOKS = statement(
    update(_drive)
    .where(_drive.c.account == bindparam("account"))
    .values({name: bindparam(f"new_{name}") for name in _NAMES})
).replace(":new_", ":")
COLUMNS = [_node.c[name] for name in Node.__struct_fields__]
LIVE = (_node.c.account == bindparam("account"), _node.c.trashed.is_(None))
_MEMBER = statement(
    select(*COLUMNS).where(*LIVE, _node.c.parent == bindparam("parent"), _node.c.key == bindparam("key"))
)
_NEW = statement(insert(_node))
_SAVE = statement(
    update(_node)
    .where(_node.c.account == bindparam("account"), _node.c.node == bindparam("node"))
    .values({name: bindparam(f"new_{name}") for name in (*Node.__struct_fields__[1:], "key")})
).replace(":new_", ":")


class Transaction:
    """A cursor with the account's key bound."""

    __slots__ = ("_saved", "account", "cursor", "forgotten", "now")

    def __init__(self, cursor: Cursor, account: int) -> None:
        self.cursor = cursor
        self.account = account
        self.now = clock.timestamp()
        self._saved: Books | None = None
        self.forgotten: set[str] = set()  # digests that have lost a name, perhaps their last

    def bound(self, **values: Any) -> dict[str, Any]:
        """Bindings with the account among them."""
        return {"account": self.account, **values}

    def books(self) -> Books:
        """The drive's row; what it would be when there is none yet."""
        if self._saved is not None:
            return self._saved
        row = self.cursor.first(_BOOKS, self.bound())
        return Books(*row) if row else Books()

    def begin(self) -> Books:
        """For a change: the drive's row, made at the first one, with the next modseq."""
        books = self.books()
        if not books.modseq:
            self.cursor.execute(_OPEN_BOOKS, self.bound(**msgspec.structs.asdict(books)))
        books.modseq += 1
        return books

    def save(self, books: Books) -> None:
        self._saved = books
        self.cursor.execute(_SAVE_BOOKS, self.bound(**msgspec.structs.asdict(books)))

    def member(self, parent: int, name: str) -> Node | None:
        """The node with this name, whatever the case of its letters."""
        row = self.cursor.first(_MEMBER, self.bound(parent=parent, key=key_of(name)))
        return Node(*row) if row else None

    def find(self, path: str) -> Node | None:
        """The node at `path`, in exactly this spelling."""
        node = _root()
        for name in path.split("/")[1:] if path != "/" else ():
            found = self.member(node.node, name) if node.folder else None
            if found is None or found.name != name:
                return None
            node = found
        return node

    def known(self, path: str) -> Node:
        """Fault NOT_FOUND."""
        node = self.find(path)
        if node is None:
            raise Fault(Kind.NOT_FOUND, "There is no such file.")
        return node

    def folder_of(self, path: str) -> Node:
        """The folder `path` lies in, or would lie in. Fault CONFLICT when there is none."""
        node = self.find(split(path)[0])
        if node is None or not node.folder:
            raise Fault(Kind.CONFLICT, "The folder does not exist.")
        return node

    def free(self, parent: int, name: str, but: int = 0) -> None:
        """Fault EXISTS when a node (not `but`) has this name, or one that differs only in case."""
        found = self.member(parent, name)
        if found is not None and found.node != but:
            raise taken(found)

    def add(self, books: Books, node: Node) -> Node:
        """As the next node."""
        node = msgspec.structs.replace(node, node=books.next_node, modseq=books.modseq)
        books.next_node += 1
        values = msgspec.structs.asdict(node)
        self.cursor.execute(_NEW, self.bound(**values, key=key_of(node.name), trashed=None, origin=None))
        return node

    def change(self, books: Books, node: Node, **changes: Any) -> Node:
        """Write a node back."""
        node = msgspec.structs.replace(node, modseq=books.modseq, **changes)
        self.cursor.execute(_SAVE, self.bound(**msgspec.structs.asdict(node), key=key_of(node.name)))
        return node


def taken(by: Node) -> Fault:
    """For a name that is the same to many systems."""
    return Fault(Kind.EXISTS, f'There is already "{by.name}".')


def _root() -> Node:
    """It has no row: it is always there."""
    return Node(ROOT, 0, "", 1, None, 0, "", 0, 0, 0)
