"""The filter's migrations build exactly the tables that its statements were written for."""

from sqlalchemy import create_engine

from odcore.sql.database import Database
from odmail.filter import schema
from odtest.schema import shape


def test_the_migrated_schema_equals_the_metadata(tmp_path):
    database = Database(tmp_path / "filter.sqlite", schema.SCHEMA)
    engine = create_engine("sqlite://")
    schema.metadata.create_all(engine)
    with database.read() as cursor, engine.connect() as connection:
        assert shape(lambda sql: cursor.all(sql)) == shape(lambda sql: connection.exec_driver_sql(sql).fetchall())
    database.close()
