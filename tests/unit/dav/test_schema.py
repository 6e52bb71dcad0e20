"""Migrations of collections build the tables that the statements were written for, and keep what older ones hold."""

import apsw
from sqlalchemy import create_engine

from oddav.store import schema
from oddav.store.store import SCHEMA
from odtest.schema import shape

_ZONE = "BEGIN:VTIMEZONE\r\nTZID:x\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"


def test_the_migrated_schema_equals_the_metadata(tmp_path):
    connection = apsw.Connection(str(tmp_path / "collections.sqlite"))
    SCHEMA.upgrade(connection)
    engine = create_engine("sqlite://")
    schema.metadata.create_all(engine)
    with engine.connect() as other:
        migrated = shape(lambda sql: connection.execute(sql).fetchall())
        assert migrated == shape(lambda sql: other.exec_driver_sql(sql).fetchall())


def test_days_and_times_without_a_zone_are_sorted_out_of_older_rows(tmp_path):
    connection = apsw.Connection(str(tmp_path / "collections.sqlite"))
    connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    for name in ("0001", "0002", "0003"):
        connection.execute(SCHEMA.revisions[name])
    connection.execute("INSERT INTO alembic_version VALUES ('0003')")
    starts = (";VALUE=DATE:20260105", ":20260105T100000", ":20260105T100000Z", ";TZID=x:20260105T100000")
    for key, start in enumerate(starts):
        octets = f"BEGIN:VCALENDAR\r\n{_ZONE}BEGIN:VEVENT\r\nUID:u\r\nDTSTART{start}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        connection.execute("INSERT INTO body VALUES (1, ?, ?)", (key, octets.encode()))
        connection.execute("INSERT INTO occurrence VALUES (1, ?, 10, 20)", (key,))
    SCHEMA.upgrade(connection)
    assert [row[0] for row in connection.execute("SELECT item FROM floating ORDER BY 1")] == [0, 1]
    assert [row[0] for row in connection.execute("SELECT item FROM occurrence ORDER BY 1")] == [2, 3]
