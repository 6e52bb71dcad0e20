"""The queue's tables: a message and, for each of its recipients, where delivery stands."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, MetaData, Table, Text, text

from odcore.sql.migrate import Schema

metadata = MetaData()

queued = Table(
    "queued",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("accepted", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sender", Text, nullable=False),
    Column("envelope", Text, nullable=False),  # model.Envelope as JSON
    Column("origin", Text, nullable=False),  # model.Origin as JSON
    Column("digest", Text),  # of the blob that holds the body, NULL for a small one
    Column("body", LargeBinary),  # NULL for a large one; the last column, so that reading others meets no overflow page
)

recipient = Table(
    "recipient",
    metadata,
    Column("message", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),  # place in envelope.recipients
    Column("address", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due", Integer, nullable=False),
    Column("owner", Text, nullable=False),  # who leased it last, "" when nobody does
    Column("leased", Integer, nullable=False),  # until when
    Column("notified", Boolean, nullable=False),  # the sender has been told of the delay
    Column("last_reply", Text, nullable=False),
    sqlite_with_rowid=False,
)

destination = Table(
    "destination",
    metadata,
    Column("name", Text, primary_key=True),
    Column("state", Text, nullable=False),  # not "open": then there is no row
    Column("at_once", Integer, nullable=False),
    Column("until", Integer, nullable=False),
    Column("reply", Text, nullable=False),
    sqlite_with_rowid=False,
)

Index(
    "recipient_due",
    recipient.c.due,
    recipient.c.message,
    sqlite_where=text("status = 'waiting'"),
    postgresql_where=text("status = 'waiting'"),
)

_NAMED = text("digest IS NOT NULL")
Index("queued_digest", queued.c.digest, sqlite_where=_NAMED, postgresql_where=_NAMED)

SCHEMA = Schema("odmail.queue")
