"""The trigram index: which messages may hold a text. All that is SQLite's own dialect in the mail store is here.

FTS5 `trigram` without content and without positions: a message is a candidate when it has all trigrams of what is
sought, and the search then looks into the candidates themselves. So the answer is exact in every script.
Messages are indexed in the order of their keys, after delivery; `account.indexed` says how far.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from odcore.folding import normalize, trigrams
from odmail.mailbox.transaction import Transaction

_ADD = "INSERT INTO text_index (rowid, text) VALUES (:message, :text)"
_REMOVE = "DELETE FROM text_index WHERE rowid = :message"
_CANDIDATES = "SELECT rowid FROM text_index WHERE text_index MATCH :query"

_BREACHES = {
    "the text index knows a message that is not there": """SELECT id FROM text_index_docsize
        WHERE id NOT IN (SELECT message FROM message)""",
    "a message is missing in the text index": """SELECT m.message FROM message m JOIN account a
        ON a.account = m.account WHERE m.message <= a.indexed
        AND m.message NOT IN (SELECT id FROM text_index_docsize)""",
}

_decode = msgspec.json.Decoder(list[int]).decode

_TRIGRAMS = 64
"""More of them would hardly narrow the candidates further."""


def gathered(tx: Transaction, rows: str, bindings: dict[str, Any]) -> tuple[list[int], int]:
    """The first column of `rows`, ascending, and the greatest number in the second; thousands of rows at the price of
    one."""
    names = "SELECT json_group_array(uid), COALESCE(MAX(modseq), 0) FROM "
    found, greatest = tx.cursor.first(f"{names}({rows})", bindings)
    return sorted(_decode(found)), greatest


def in_list(name: str) -> str:
    """SQL for membership in the JSON array bound as `name`."""
    return f"IN (SELECT value FROM json_each(:{name}))"  # noqa: S608 - the values are bound


def add(tx: Transaction, message: int, text: str) -> None:
    """Index one message. SQLite's text ends at a NUL."""
    tx.cursor.execute(_ADD, {"message": message, "text": text.replace("\0", " ")})


def remove(tx: Transaction, messages: Iterable[int]) -> None:
    """Forget messages; those not indexed do not matter."""
    tx.cursor.executemany(_REMOVE, [{"message": message} for message in messages])


def candidates(tx: Transaction, needles: Iterable[str]) -> set[int] | None:
    """Indexed messages that have all trigrams of the normalized needles; None when those are too short to tell."""
    found = {trigram for needle in needles for trigram in trigrams(needle)}
    if not found:
        return None
    query = " AND ".join('"' + trigram.replace('"', '""') + '"' for trigram in sorted(found)[:_TRIGRAMS])
    return {message for (message,) in tx.cursor.execute(_CANDIDATES, {"query": query})}


def needle(text: str) -> str:
    """What is sought, as it stands in the index."""
    return normalize(text)


def check(tx: Transaction) -> list[str]:
    """Breaches of the file's and the index's own invariants."""
    breaches = [f"the database is damaged: {row}" for (row,) in tx.cursor.all("PRAGMA quick_check(5)") if row != "ok"]
    for breach, query in _BREACHES.items():
        rows = tx.cursor.all(query)
        if rows:
            breaches.append(f"{breach}: {', '.join(map(str, rows[:5]))}")
    return breaches
