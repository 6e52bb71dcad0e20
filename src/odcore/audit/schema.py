"""The audit trail's table: each row's digest covers the row and the digest before it."""

from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text

metadata = MetaData()

trail = Table(
    "trail",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False, nullable=False),  # 1, 2, 3 ... no gaps
    Column("at", Text, nullable=False),  # ISO 8601 in UTC
    Column("event", Text, nullable=False),
    Column("actor", Text, nullable=False),  # a person's id, "cli:root", "" for somebody unknown
    Column("subject", Text, nullable=False),  # the entry or account it is about
    Column("facts", Text, nullable=False),  # JSON object
    Column("digest", Text, nullable=False),  # SHA-256, hexadecimal
    Index("trail_subject", "subject", "number"),
    Index("trail_actor", "actor", "number"),
)
