"""The book's tables; all of them can be made again from the directory.

listing  an entry of the directory as it was read, and its searchable texts, normalized
state    how far the directory was followed
words, vocabulary    the trigram index of the texts, and the trigrams in it (SQLite's own, made by the revisions)
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

TEXTS = ("name", "email", "tel", "org", "title", "private")
"""What is searched apart; `private` are the numbers that not everybody may see."""

listing = Table(
    "listing",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("office", Text, nullable=False),
    Column("shown", Integer, nullable=False),
    Column("closed", Integer, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("entry", LargeBinary, nullable=False),
    *(Column(name, Text, nullable=False) for name in TEXTS),
    Column("name_key", Text, nullable=False, server_default=""),
    Index("listing_office", "office"),
    Index("listing_name_key", "name_key"),
)

state = Table(
    "state",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
