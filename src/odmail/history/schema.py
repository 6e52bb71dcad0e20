"""One day's tables: events, and the names they are found by."""

from sqlalchemy import Column, Float, Index, Integer, MetaData, Table, Text

from odcore.sql.migrate import Schema

metadata = MetaData()

event = Table(
    "event",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False),  # of the message in the queue, or of a session
    Column("at", Float, nullable=False),
    Column("what", Text, nullable=False),
    Column("facts", Text, nullable=False),  # JSON object
)

Index("event_id", event.c.id)

name = Table(
    "name",
    metadata,
    Column("key", Text, primary_key=True),  # see model.key
    Column("id", Text, primary_key=True),
    sqlite_with_rowid=False,
)

SCHEMA = Schema("odmail.history")
