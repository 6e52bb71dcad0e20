"""The filter's migrations build exactly the tables that its statements were written for."""

from sqlalchemy import create_engine

from odcore.sql.database import Database
from odmail.filter import schema

_OBJECTS = "SELECT type, name, tbl_name FROM sqlite_master WHERE name NOT LIKE 'sqlite%' ORDER BY 1, 2"


def shape(all_rows):
    found = {}
    for kind, name, table in all_rows(_OBJECTS):
        if name != "alembic_version":
            about = "table_info" if kind == "table" else "index_xinfo"
            found[name] = (kind, table, [tuple(row) for row in all_rows(f"PRAGMA {about}({name})")])
    return found, {row[1]: row[4] for row in all_rows("PRAGMA table_list") if row[1] in found}


def test_the_migrated_schema_equals_the_metadata(tmp_path):
    database = Database(tmp_path / "filter.sqlite", schema.SCHEMA)
    engine = create_engine("sqlite://")
    schema.metadata.create_all(engine)
    with database.read() as cursor, engine.connect() as connection:
        assert shape(lambda sql: cursor.all(sql)) == shape(lambda sql: connection.exec_driver_sql(sql).fetchall())
    database.close()
