"""Migrations build exactly the tables that the statements were written for."""

import apsw
import pytest
from sqlalchemy import create_engine

from odcore.errors import Fault, Kind
from odcore.sql.database import Database
from odcore.sql.migrate import Schema
from odmail.mailbox import schema
from odmail.mailbox.store import SCHEMA

_OBJECTS = "SELECT type, name, tbl_name FROM sqlite_master WHERE name NOT LIKE 'sqlite%' ORDER BY 1, 2"


def shape(all_rows):
    """Tables with their columns and keys, and indexes with theirs, as SQLite tells them."""
    found = {}
    for kind, name, table in all_rows(_OBJECTS):
        if name.startswith("text_index") or name == "alembic_version":
            continue
        about = "table_info" if kind == "table" else "index_xinfo"
        found[name] = (kind, table, [tuple(row) for row in all_rows(f"PRAGMA {about}({name})")])
    tables = {row[1]: row[4] for row in all_rows("PRAGMA table_list") if row[1] in found}
    return found, tables


def test_the_migrated_schema_equals_the_metadata(tmp_path):
    database = Database(tmp_path / "mail.sqlite", SCHEMA)
    engine = create_engine("sqlite://")
    schema.metadata.create_all(engine)
    with database.read() as cursor, engine.connect() as connection:
        migrated = shape(lambda sql: cursor.all(sql))
        written = shape(lambda sql: connection.exec_driver_sql(sql).fetchall())
        assert migrated == written
        for table in schema.metadata.tables.values():
            assert "account" in [column.name for column in table.primary_key]
    database.close()


def test_a_database_of_a_newer_program_is_refused(tmp_path):
    database = Database(tmp_path / "mail.sqlite", SCHEMA)
    with database.write() as cursor:
        cursor.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    with pytest.raises(Fault) as caught, database.read():
        pass
    assert caught.value.kind is Kind.INTERNAL


def test_a_failing_revision_leaves_the_database_as_it_was(tmp_path):
    broken = Schema("odmail.mailbox")
    broken._rendered = {**SCHEMA.revisions, "broken": "CREATE TABLE extra (x); CREATE TABLE extra (x);"}
    database = Database(tmp_path / "mail.sqlite", SCHEMA)
    with database.write():
        pass
    database.close()
    upgraded = Database(tmp_path / "mail.sqlite", broken)
    with pytest.raises(apsw.SQLError), upgraded.write():
        pass
    with database.read() as cursor:
        assert cursor.first("SELECT version_num FROM alembic_version") == (list(SCHEMA.revisions)[-1],)
        assert cursor.first("SELECT name FROM sqlite_master WHERE name = 'extra'") is None
    database.close()


def test_messages_of_an_older_program_keep_their_structure(tmp_path):
    older = Schema("odmail.mailbox")
    older._rendered = {name: sql for name, sql in SCHEMA.revisions.items() if name < "0009"}
    columns = {"account": 7, "message": 3, "size": 1, "header_size": 1, "thread": 3, "envelope": b"()"}
    columns |= {"structure": b'("text")', "part": b"", "preview": "", "sort": b"", "attachments": 0}
    database = Database(tmp_path / "mail.sqlite", older)
    with database.write() as cursor:
        marks = ", ".join(f":{name}" for name in columns)
        cursor.execute(f"INSERT INTO message ({', '.join(columns)}) VALUES ({marks})", columns)
    database.close()
    newer = Database(tmp_path / "mail.sqlite", SCHEMA)
    with newer.read() as cursor:
        assert cursor.all("SELECT account, message, octets FROM structure") == [(7, 3, b'("text")')]
    newer.close()
