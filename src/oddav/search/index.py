"""Which cards of an address book may hold a text: a trigram index beside each account that was ever searched.

Few programs search on the server, most keep copies: so writing a card costs nothing here, and a search first reads the
cards that came since the last one. A resource has a new key with every change, so that a key that is known is up to
date. Losing the file loses nothing.
"""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from odcore.ids import AccountId
from odcore.sql.database import Cursor
from odcore.sql.migrate import Schema
from odcore.sql.pool import Pool
from odcore.sql.statement import values
from oddav.contacts.searching import searchable
from oddav.content import components
from oddav.store.model import Collection, Item
from oddav.trigrams.narrow import Narrow, matching
from oddav.trigrams.vocabulary import beginning

SCHEMA = Schema("oddav.search")
COLUMN = "text"
"""All values of a card are in one."""

_FEW = 100
"""Cards that are sooner read than looked up."""

_AT_ONCE = 500
_OPEN = 50

_KNOWN = "SELECT item FROM card WHERE collection = :collection"
_ADD = "INSERT OR IGNORE INTO card (item, collection) VALUES (:item, :collection)"
_WORDS = "INSERT INTO words (rowid, text) VALUES (:item, :text)"
_GONE = "SELECT value FROM json_each(:gone)"
_DROP = (f"DELETE FROM words WHERE rowid IN ({_GONE})", f"DELETE FROM card WHERE item IN ({_GONE})")  # noqa: S608
_MATCHING = "SELECT rowid FROM words WHERE words MATCH :match"

Read = Callable[[Iterable[Item]], dict[int, bytes]]
"""The octets of items, by their keys."""


class Cards:
    """Indexes of all accounts below one folder. Safe to share between threads and processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pool = Pool(SCHEMA, _OPEN)

    def candidates(
        self, account: AccountId, collection: Collection, items: list[Item], read: Read, narrow: Narrow | bool
    ) -> list[Item]:
        """Those of all items of a book that may fit."""
        if isinstance(narrow, bool) or len(items) <= _FEW:
            return items if narrow else []
        with self._pool.use(self._folder / account[:2] / account / "cards.sqlite") as database:
            with database.read() as cursor:
                known = {item for (item,) in cursor.all(_KNOWN, {"collection": collection.collection})}
            new = [each for each in items if each.item not in known]
            gone = known.difference(each.item for each in items)
            for at in range(0, len(new), _AT_ONCE):
                octets = read(new[at : at + _AT_ONCE])
                texts = {item: searchable(components(each)[0]) for item, each in octets.items()}
                database.submit(partial(_keep, texts, collection.collection), durable=False)
            if gone:
                database.submit(partial(_drop, gone), durable=False)
            with database.read() as cursor:
                query = matching(narrow, partial(beginning, cursor))
                if query is None:
                    return items
                found = {item for (item,) in cursor.all(_MATCHING, {"match": query})}
        return [each for each in items if each.item in found]

    def close(self) -> None:
        """Let go of all files."""
        self._pool.close()


def _keep(texts: dict[int, str], collection: int, cursor: Cursor) -> None:
    for item, text in texts.items():
        cursor.execute(_ADD, {"item": item, "collection": collection})
        if cursor.connection.changes():  # another process may have been quicker
            cursor.execute(_WORDS, {"item": item, "text": text})


def _drop(gone: set[int], cursor: Cursor) -> None:
    for sql in _DROP:
        cursor.execute(sql, {"gone": values(gone)})
