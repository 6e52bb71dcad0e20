"""The book's index: one database of a node, written by one process and read by all that serve HTTPS.

An index finds candidates and the caller looks at each of them, so the answer is exact; and it stops when it has enough,
so a search costs what it answers and not what there is. Nothing here is worth keeping: the directory has it all.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import msgspec
from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.sql.expression import literal_column

from odcore import clock
from odcore.directory.listing import Listing, ListingKind
from odcore.errors import Fault, Kind
from odcore.sql.database import Cursor, Database
from odcore.sql.migrate import Schema
from odcore.sql.statement import among, statement, values
from oddav.book.card import V4, Around, card, private
from oddav.book.schema import TEXTS, listing, state
from oddav.contacts.searching import folded
from oddav.content import Line, unescaped
from oddav.trigrams import narrow as narrows
from oddav.trigrams.vocabulary import beginning

SCHEMA = Schema("oddav.book")

COLUMNS = {
    "FN": "name",
    "N": "name",
    "NICKNAME": "name",
    "EMAIL": "email",
    "TEL": "tel",
    "ORG": "org",
    "TITLE": "title",
}
"""Where the texts of a property are."""

_DEEPEST = 10
_END = "\n\n"
"""After each column's text: so that its last letters, too, begin a trigram."""

_ENTRY = statement(select(listing.c.entry).where(listing.c.id == bindparam("id")))
_NUMBER = statement(select(listing.c.number).where(listing.c.id == bindparam("id")))
_IDS = statement(select(listing.c.id))
_IN_OFFICE = statement(select(listing.c.entry).where(listing.c.office == bindparam("office")))
_REMOVE = statement(delete(listing).where(listing.c.number == bindparam("number")))
_ADD = statement(insert(listing))
_STATE = statement(select(state.c.value).where(state.c.name == bindparam("name")))
_SET = statement(
    upsert(state).on_conflict_do_update(index_elements=["name"], set_={"value": literal_column("excluded.value")})
)
_NAMED = statement(select(listing.c.entry).where(among(listing.c.id, "ids")))
_MEMBERS = statement(
    select(listing.c.id).where(among(listing.c.name_key, "names"), listing.c.shown == literal_column("1"))
)
_UNWORD = "DELETE FROM words WHERE rowid = :number"
_PLACES = ", ".join(f":{each}" for each in TEXTS)
_WORDS = f"INSERT INTO words (rowid, {', '.join(TEXTS)}) VALUES (:number, {_PLACES})"  # noqa: S608 - our own names
_SHOWN = " WHERE shown = 1 AND (expires = 0 OR expires > ?) AND (closed = 0 OR id IN (SELECT value FROM json_each(?)))"
_SCANNED = f"SELECT entry FROM listing{_SHOWN}"  # noqa: S608 - our own names
# The join is made in this order, so that it ends with the last candidate that is read.
_INDEXED = f"SELECT entry FROM words CROSS JOIN listing ON number = words.rowid{_SHOWN} AND words MATCH ?"  # noqa: S608

_encode, _decode = msgspec.msgpack.encode, msgspec.msgpack.Decoder(Listing).decode

STAMP, WHOLE = "stamp", "whole"


class Reading:
    """One look into the book: entries, and what their cards tell of others."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._known: dict[str, Listing | None] = {}

    def entry(self, id_: str) -> Listing | None:
        """Also of what is not shown: offices."""
        if id_ not in self._known:
            row = self._cursor.first(_ENTRY, {"id": id_})
            self._known[id_] = _decode(row[0]) if row else None
        return self._known[id_]

    def around(self, entry: Listing) -> Around:
        """Offices, and who holds the post now."""
        now = clock.now()
        people = [self.entry(each.person) for each in entry.charges if each.covers(now)]
        return Around(
            offices=tuple(self._offices(entry.office)),
            holders=tuple((each.id, each.name) for each in people if each is not None and is_shown(each)),
        )

    def _offices(self, office: str | None) -> list[str]:
        found: list[str] = []
        while office and len(found) < _DEEPEST and (each := self.entry(office)) is not None:
            found.insert(0, each.name)
            office = each.office
        return found


Look = Callable[[Reading, Listing], bool]


class Index:
    """Everybody who is listed."""

    def __init__(self, folder: Path) -> None:
        self._database = Database(folder / "book.sqlite", SCHEMA)

    def find(
        self, narrow: narrows.Narrow | bool, groups: Iterable[str], fits: Look, most: int, looks: int
    ) -> tuple[list[Listing], bool]:
        """At most so many that fit, of so many candidates looked at; and whether there may be more.

        `groups`: the closed lists that may be found. Fault TRY_LATER while the book is first made.
        """
        found: list[Listing] = []
        with self._database.read() as cursor, cursor.aside() as candidates:
            _require_whole(cursor)
            reading = Reading(cursor)
            for looked, entry in enumerate(_candidates(candidates, narrow, groups)):
                if looked >= looks or len(found) > most:
                    return found[:most], True
                if fits(reading, entry):
                    found.append(entry)
        return found[:most], len(found) > most

    def named(self, ids: Iterable[str], groups: frozenset[str]) -> list[Listing]:
        """Those of these that are shown. Fault TRY_LATER while the book is first made."""
        with self._database.read() as cursor:
            _require_whole(cursor)
            entries = [_decode(octets) for (octets,) in cursor.all(_NAMED, {"ids": values(ids)})]
        return [each for each in entries if is_shown(each) and (not each.closed or each.id in groups)]

    def around(self, entries: Iterable[Listing]) -> list[Around]:
        """What their cards tell of others."""
        with self._database.read() as cursor:
            reading = Reading(cursor)
            return [reading.around(each) for each in entries]

    def members(self, entry: Listing, most: int) -> tuple[str, ...]:
        """Of a list: ids of those in the book, then addresses outside."""
        if entry.kind is not ListingKind.LIST:
            return ()
        with self._database.read() as cursor:
            inside = [id_ for (id_,) in cursor.all(_MEMBERS, {"names": values(entry.members[:most])})]
        return (*inside, *(f"mailto:{each}" for each in entry.outside[:most]))

    def put(self, entries: Iterable[Listing]) -> None:
        """Instead of what was there under these ids; whoever is in an office that changed has another text then."""
        with self._database.write(durable=False) as cursor:
            for each in entries:
                before = Reading(cursor).entry(each.id)
                if before == each:
                    continue
                _put(cursor, each)
                if each.kind is ListingKind.OFFICE and (before is None or _place(before) != _place(each)):
                    _put_inner(cursor, each.id, 0)

    def remove(self, ids: Iterable[str]) -> None:
        """What is in no directory any more."""
        with self._database.write(durable=False) as cursor:
            for each in ids:
                _take_out(cursor, each)

    def ids(self) -> set[str]:
        """Of everything that was read, shown or not."""
        with self._database.read() as cursor:
            return {id_ for (id_,) in cursor.all(_IDS)}

    def state(self, name: str) -> str:
        """ "" before it was set."""
        with self._database.read() as cursor:
            return _state(cursor, name)

    def set_state(self, name: str, value: str) -> None:
        """How far the directory was followed."""
        self._database.submit(lambda cursor: cursor.execute(_SET, {"name": name, "value": value}), durable=False)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()


def is_shown(entry: Listing) -> bool:
    """Is it in the book at this moment?"""
    return entry.listed and entry.kind is not ListingKind.OFFICE and not 0 < entry.expires <= clock.timestamp()


def _require_whole(cursor: Cursor) -> None:
    if not _state(cursor, WHOLE):
        raise Fault(Kind.TRY_LATER, "The directory book is being made, try again in a minute.")


def _state(cursor: Cursor, name: str) -> str:
    row = cursor.first(_STATE, {"name": name})
    return str(row[0]) if row else ""


def _candidates(cursor: Cursor, narrow: narrows.Narrow | bool, groups: Iterable[str]) -> Iterator[Listing]:
    if narrow is False:
        return
    bindings: list[object] = [clock.timestamp(), values(groups)]
    query = _SCANNED
    if not isinstance(narrow, bool):
        match = narrows.matching(narrow, partial(beginning, cursor))
        if match is not None:
            query = _INDEXED
            bindings.append(match)
        else:
            texts: list[str] = []
            query += f" AND {narrows.scanning(narrow, texts)}"
            bindings += texts
    for (octets,) in cursor.execute(query, bindings):
        yield _decode(octets)


def _put(cursor: Cursor, entry: Listing) -> None:
    _take_out(cursor, entry.id)
    row = {
        "id": entry.id,
        "kind": entry.kind.value,
        "office": entry.office or "",
        "shown": int(entry.listed and entry.kind is not ListingKind.OFFICE),
        "closed": int(entry.closed),
        "expires": entry.expires,
        "entry": _encode(entry),
        "name_key": entry.name_key,
        **_texts(entry, Reading(cursor)),
    }
    cursor.execute(_ADD, {**row, "number": None})
    if row["shown"]:
        cursor.execute(_WORDS, {**row, "number": cursor.connection.last_insert_rowid()})


def _put_inner(cursor: Cursor, office: str, depth: int) -> None:
    """Everybody in an office and in those below it."""
    for (octets,) in cursor.all(_IN_OFFICE, {"office": office}):
        entry = _decode(octets)
        _put(cursor, entry)
        if entry.kind is ListingKind.OFFICE and depth < _DEEPEST:
            _put_inner(cursor, entry.id, depth + 1)


def _take_out(cursor: Cursor, id_: str) -> None:
    row = cursor.first(_NUMBER, {"id": id_})
    if row is not None:
        cursor.execute(_UNWORD, {"number": row[0]})
        cursor.execute(_REMOVE, {"number": row[0]})


def _texts(entry: Listing, reading: Reading) -> dict[str, str]:
    """By column, as a search compares them."""
    if entry.kind is ListingKind.OFFICE:
        return dict.fromkeys(TEXTS, "")
    found: dict[str, list[str]] = {each: [] for each in TEXTS}
    for line in card(entry, reading.around(entry), V4, numbers=False).lines:
        if line.name in COLUMNS:
            found[COLUMNS[line.name]].append(_folded(line))
    found["private"] = list(map(_folded, private(entry)))
    return {column: "\n".join(texts) + _END if texts else "" for column, texts in found.items()}


def _folded(line: Line) -> str:
    return folded(line.name, unescaped(line.value))


def _place(office: Listing) -> tuple[str, str | None]:
    return office.name, office.office
