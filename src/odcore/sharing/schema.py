"""The register's tables.

delegation  who lets whom act on all they have in an area
named       whose access lists in an area name which subject; derived from the lists themselves
"""

from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text

metadata = MetaData()

delegation = Table(
    "delegation",
    metadata,
    Column("area", Text, primary_key=True, nullable=False),
    Column("owner", Text, primary_key=True, nullable=False),
    Column("delegate", Text, primary_key=True, nullable=False),
    Column("powers", Text, nullable=False),  # words, separated by spaces
    Column("giver", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Index("delegation_delegate", "area", "delegate"),
    sqlite_with_rowid=False,
)

named = Table(
    "named",
    metadata,
    Column("area", Text, primary_key=True, nullable=False),
    Column("subject", Text, primary_key=True, nullable=False),
    Column("owner", Text, primary_key=True, nullable=False),
    sqlite_with_rowid=False,
)
