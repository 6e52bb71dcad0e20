"""One SQLite database: WAL, synchronous=FULL, one writer and one reader connection, errors told as Faults.

P2: what `write` or `submit` returned from survives kill -9 and power cut. P5: a failed commit is never retried as
success: both connections are dropped, the caller gets TRY_LATER, and the next use opens the file afresh.
"""

import os
import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import apsw
import structlog
from sqlalchemy import Table

from odcore import disk, haste
from odcore.errors import Fault, Kind
from odcore.sql.batch import Batch
from odcore.sql.migrate import Steps
from odcore.sql.statement import insertion

log = structlog.get_logger()

Bindings = Mapping[str, Any] | Sequence[Any]
T = TypeVar("T")

_PATIENCE = 10.0
"""Seconds to wait for another process's write before giving up."""

# Page caches of all open databases together shrink beyond this; the system's own cache stands behind them.
apsw.soft_heap_limit(96 << 20)

_PRAGMAS = """
PRAGMA synchronous=FULL; PRAGMA foreign_keys=OFF; PRAGMA temp_store=MEMORY;
PRAGMA journal_size_limit=16777216; PRAGMA trusted_schema=OFF;
"""

_ANSWERS = 256
"""At most so many are remembered of one state of a database."""

_AT_ONCE = 64
"""Rows in one INSERT: a statement has room for 32,766 values."""

CHECKPOINT = 1000
"""Pages in the WAL after which a commit also moves them into the database."""

_LOST = (
    apsw.IOError,
    apsw.FullError,
    apsw.CantOpenError,
    apsw.CorruptError,
    apsw.NotADBError,
    apsw.NoMemError,
    apsw.ReadOnlyError,
    apsw.ProtocolError,
)
"""After one of these nothing is known of the connection's state."""


class Connection(apsw.Connection):
    """One that reads knows answers by key, true as long as nobody has written into the database since."""

    answers: dict[Hashable, Any] | None = None
    version = 0  # SQLite's number of the state they belong to


class Cursor(apsw.Cursor):
    """A cursor that never leaves a half-read statement behind."""

    def first(self, sql: str, bindings: Bindings = ()) -> Any:
        """The first row as a tuple, or None."""
        rows = self.execute(sql, bindings).fetchall()
        return rows[0] if rows else None

    def all(self, sql: str, bindings: Bindings = ()) -> list[Any]:
        """All rows as tuples."""
        return self.execute(sql, bindings).fetchall()

    def recall(self, key: Hashable) -> Any:
        """What was remembered under the key and must still be true, else None.

        Only where the connection reads: a transaction that writes is not told of its own changes.
        """
        connection: Connection = self.connection  # type: ignore[assignment]
        if connection.answers is None:
            return None
        version: int = self.first("PRAGMA data_version")[0]
        if version != connection.version:
            connection.version = version
            connection.answers.clear()
        return connection.answers.get(key)

    def remember(self, key: Hashable, value: Any) -> None:
        """Keep something small that nobody changes; `recall` came first, in the same transaction."""
        connection: Connection = self.connection  # type: ignore[assignment]
        if connection.answers is not None:
            if len(connection.answers) >= _ANSWERS:
                connection.answers.clear()
            connection.answers[key] = value

    @contextmanager
    def aside(self) -> Iterator["Cursor"]:
        """Another one with the same view: its rows can be read one by one while this one is used."""
        with _lent(self.connection) as cursor:
            yield cursor

    def insert(self, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        """Many rows in few calls."""
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            self.execute(insertion(table, columns, len(some)), tuple(chain.from_iterable(some)))


class Database:
    """A database file, made and migrated at first use. Safe to share between threads."""

    def __init__(self, path: Path, schema: Steps) -> None:
        self.path = path
        self.checkpoint = CHECKPOINT  # set it before the first use
        self._schema = schema
        self._writing = Lock()
        self._reading = Lock()
        self._writer: Connection | None = None
        self._reader: Connection | None = None
        self._durable = True  # what the writer is set to
        self._suspect = False  # the writer failed: the reader, too, opens the file afresh
        self._batch = Batch(self.write)

    def submit(self, work: Callable[[Cursor], T], *, durable: bool = True) -> T:
        """Run `work` in a transaction that it may share with concurrent callers; durable when this returns.

        Not `durable`: it survives kill -9 at once, and a power cut from the next durable commit on. For what would
        only be done again.
        """
        haste.wait()
        return self._batch.submit(work, durable)

    @contextmanager
    def write(self, durable: bool = True) -> Iterator[Cursor]:
        """BEGIN IMMEDIATE .. COMMIT around the block; rolled back when it raises."""
        with self._writing:
            try:
                connection = self._open_writer()
                if durable is not self._durable:
                    connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
                    self._durable = durable
                connection.execute("BEGIN IMMEDIATE")
                try:
                    with _lent(connection) as cursor:
                        yield cursor
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    raise
            except _LOST as error:
                self._drop_writer()
                self._suspect = True
                raise self._failed(error) from error
            except apsw.BusyError as error:
                raise Fault(Kind.TRY_LATER, "The store is busy, try again later.") from error

    @contextmanager
    def read(self) -> Iterator[Cursor]:
        """One consistent view of the database for as long as the block lasts."""
        # Others may be reading, or the file may not be open: in haste that is too long.
        if not self._reading.acquire(blocking=not haste.in_haste()):
            raise haste.MustWait
        try:
            if self._reader is None or self._suspect:
                haste.wait()
            connection = self._open_reader()
            cursor: Cursor = connection.cursor()  # type: ignore[assignment]
            cursor.execute("BEGIN")
            try:
                yield cursor
            finally:
                cursor.close(True)  # see `_lent`
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
        except _LOST as error:
            self._drop_reader()
            raise self._failed(error) from error
        except apsw.BusyError as error:
            haste.wait()
            raise Fault(Kind.TRY_LATER, "The store is busy, try again later.") from error
        finally:
            self._reading.release()

    def close(self) -> None:
        """Wait for those at work, then let go of the file. A later use opens it again."""
        with self._reading:
            self._drop_reader()
        with self._writing:
            self._drop_writer()

    def _open_writer(self) -> Connection:
        if self._writer is None:
            with disk.faults():
                _touch(self.path)
            connection = _connect(self.path)
            try:
                self._schema.upgrade(connection)
            except BaseException:
                connection.close()
                raise
            connection.execute(f"PRAGMA wal_autocheckpoint={self.checkpoint}")
            self._writer, self._durable = connection, True
        return self._writer

    def _open_reader(self) -> Connection:
        if self._suspect:
            self._suspect = False
            self._drop_reader()
        if self._reader is None:
            with self._writing:
                self._open_writer()  # makes and migrates the file when needed
            self._reader = _connect(self.path)
            self._reader.execute("PRAGMA query_only=ON")
            self._reader.answers = {}
        return self._reader

    def _drop_writer(self) -> None:
        connection, self._writer = self._writer, None
        if connection is not None:
            connection.close(force=True)

    def _drop_reader(self) -> None:
        connection, self._reader = self._reader, None
        if connection is not None:
            connection.close(force=True)

    def _failed(self, error: apsw.Error) -> Fault:
        log.error("database_failed", path=str(self.path), error=type(error).__name__, detail=str(error))
        if isinstance(error, apsw.FullError):
            return disk.full()
        return Fault(Kind.TRY_LATER, "The store failed, try again later.")


def _touch(path: Path) -> None:
    """The file, private from its first moment; SQLite gives its WAL the same mode."""
    disk.make_folder(path.parent)
    # O_EXCL: closing a second descriptor of an open database would drop SQLite's POSIX locks on it.
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        return
    for folder in (path.parent, *path.parent.parents[:2]):  # made just now, perhaps by another thread
        disk.sync_folder(folder)


def _connect(path: Path) -> Connection:
    connection = Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE, statementcachesize=200)
    # The pool closes databases often: the WAL stays, bounded by autocheckpoint, and the next use goes on with it.
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    # Plans depend on the statement alone. Else SQLite compiles most statements anew for each value bound to them.
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    connection.cursor_factory = Cursor
    patience = _Patience()
    connection.set_busy_handler(patience)
    _keep_wal(connection, patience)
    for _ in connection.execute(_PRAGMAS):
        pass
    return connection


def _keep_wal(connection: Connection, patience: "_Patience") -> None:
    """SQLite asks no busy handler here: of two processes that make one file, each would be refused at once."""
    for tries in count():
        try:
            connection.execute("PRAGMA journal_mode=WAL").fetchall()
            return
        except apsw.BusyError:
            if not patience(tries):
                raise


@contextmanager
def _lent(connection: apsw.Connection) -> Iterator[Cursor]:
    """A cursor for as long as its connection is ours, whoever keeps the object longer.

    apsw counts wrong when a cursor is given up while another thread is inside a call on the same connection: after
    enough of that its type is freed and the process dies. A closed cursor no longer has a connection.
    """
    cursor: Cursor = connection.cursor()  # type: ignore[assignment]
    try:
        yield cursor
    finally:
        cursor.close(True)


def stamp(path: Path) -> int:
    """Another one after each commit (and checkpoint), without opening the database; 0 where there is none."""
    found = 0
    for file in (path, path.with_name(f"{path.name}-wal")):
        with suppress(FileNotFoundError):
            found = max(found, file.stat().st_mtime_ns)
    return found


class _Patience:
    """Waits for another process in small, growing steps: SQLite's own steps grow to 100 ms and starve a writer."""

    def __init__(self) -> None:
        self._begun = 0.0

    def __call__(self, tries: int) -> bool:
        if haste.in_haste():
            return False
        now = time.monotonic()
        if tries == 0:
            self._begun = now
        time.sleep(min(0.0005 * (tries + 1), 0.01))
        return now - self._begun < _PATIENCE
