"""Schema families: Alembic revisions, rendered to text once per process and applied by apsw in one transaction.

A family is a package folder `.../migrations` with Alembic's `versions/` in it. The revision a database stands at
lies in Alembic's own table, so that the same revisions serve a PostgreSQL cluster through Alembic itself.
"""

import io
from importlib import resources
from threading import Lock
from typing import Protocol

import apsw
import structlog

from odcore.errors import Fault, Kind

log = structlog.get_logger()

_STANDING = "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
_CREATE = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"

_RENDERING = Lock()
"""Alembic's `op` is one for the whole process: two families are never rendered at the same time."""


class Steps(Protocol):
    """What a database needs to know of its schema."""

    def upgrade(self, connection: apsw.Connection) -> None:
        """Bring the database to the newest revision; called with no transaction open."""


class Schema:
    """One family of revisions, oldest first, each as SQL text."""

    def __init__(self, package: str) -> None:
        """`package` holds the folder `migrations`, for example "odmail.mailbox"."""
        self._package = package
        self._rendered: dict[str, str] | None = None

    @property
    def revisions(self) -> dict[str, str]:
        """SQL text by revision, oldest first."""
        with _RENDERING:
            if self._rendered is None:
                self._rendered = _render(self._package)
            return self._rendered

    def upgrade(self, connection: apsw.Connection) -> None:
        """Apply what is missing, all or nothing. Fault INTERNAL when a newer program wrote this database."""
        head = next(reversed(self.revisions))
        if _standing(connection) == head:
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            self._apply(connection)
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def _apply(self, connection: apsw.Connection) -> None:
        """Looks again under the lock: another process may have just done it."""
        standing = _standing(connection)
        names = list(self.revisions)
        if standing is not None and standing not in self.revisions:
            log.error("schema_too_new", family=self._package, standing=standing)
            raise Fault(Kind.INTERNAL, "This database was written by a newer version of the program.")
        missing = names[names.index(standing) + 1 :] if standing else names
        if standing is None:
            connection.execute(_CREATE)
        for name in missing:
            connection.execute(self.revisions[name])
        if missing:
            connection.execute("DELETE FROM alembic_version")
            connection.execute("INSERT INTO alembic_version VALUES (?)", (missing[-1],))


def _standing(connection: apsw.Connection) -> str | None:
    if not connection.execute(_STANDING).fetchall():
        return None
    rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    return str(rows[0][0]) if rows else None


def _render(package: str) -> dict[str, str]:
    """Run each revision's `upgrade` against a recorder.  Alembic is imported here: only this once is it needed."""
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from alembic.script import ScriptDirectory

    folder = resources.files(package) / "migrations"
    rendered = {}
    for script in reversed(list(ScriptDirectory(str(folder)).walk_revisions())):
        text = io.StringIO()
        context = MigrationContext.configure(dialect_name="sqlite", opts={"as_sql": True, "output_buffer": text})
        with Operations.context(context):
            script.module.upgrade()
        rendered[script.revision] = text.getvalue()
    return rendered
