"""Texts too short for a trigram index, by the trigrams that begin with them: by SQLite's fts5vocab."""

from odcore.sql.database import Cursor

_MOST = 1_000
_BEGINNING = "SELECT term FROM vocabulary WHERE term >= :first AND term < :last LIMIT :most"


def beginning(cursor: Cursor, text: str) -> list[str] | None:
    """Trigrams; None where there are too many of them to ask for each."""
    bindings = {"first": text, "last": text + chr(0x10FFFF), "most": _MOST + 1}
    found = [term for (term,) in cursor.all(_BEGINNING, bindings)]
    return found if len(found) <= _MOST else None
