"""The tables of an account's drive. `account` is in every primary key: one schema for one file or one database.

drive     one row: the counters everything is numbered from, and the octets in use
node      a folder or a file; the root is node 1. What was deleted lies on, with `trashed` set, and so does all below it
version   a former content of a file
property  what clients noted about a node (dead properties, RFC 4918 4)
lock      write locks, by path (RFC 4918 6)
share     who is let into a folder
content   the octets of small files and versions; those of large ones lie in blobs
"""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, Table, Text, text

metadata = MetaData()


def _key(name: str) -> "Column[int]":
    return Column(name, BigInteger, primary_key=True, autoincrement=False, nullable=False)


def _number(name: str) -> "Column[int]":
    return Column(name, BigInteger, nullable=False)


def _text(name: str) -> "Column[str]":
    return Column(name, Text, nullable=False)


drive = Table(
    "drive",
    metadata,
    _key("account"),
    _number("modseq"),
    _number("next_node"),
    _number("next_version"),
    _number("used"),  # octets of all files that are not in the trash
    _number("kept"),  # octets of former versions and of what is in the trash
)

node = Table(
    "node",
    metadata,
    _key("account"),
    _key("node"),
    _number("parent"),
    _text("name"),  # in NFC
    _text("key"),  # the name without regard to case: no two in one folder have the same
    _number("folder"),  # 1 or 0
    Column("digest", Text),  # of the octets; none for folders
    _number("size"),
    _text("mime"),
    _number("created"),
    _number("changed"),
    _number("modseq"),
    Column("trashed", BigInteger),  # when it was deleted; what lies below it has none
    Column("origin", Text),  # the path it was deleted from
    Index("node_key", "account", "parent", "key", unique=True, sqlite_where=text("trashed IS NULL")),
    Index("node_digest", "account", "digest", sqlite_where=text("digest IS NOT NULL")),
    Index("node_trashed", "account", "trashed", sqlite_where=text("trashed IS NOT NULL")),
)

version = Table(
    "version",
    metadata,
    _key("account"),
    _key("version"),
    _number("node"),
    _text("digest"),
    _number("size"),
    _text("mime"),
    _number("changed"),
    _number("replaced"),  # when
    _text("person"),  # by whom
    Index("version_node", "account", "node"),
    Index("version_digest", "account", "digest"),
    Index("version_replaced", "account", "replaced"),
)

dead_property = Table(
    "property",
    metadata,
    _key("account"),
    _key("node"),
    Column("name", Text, primary_key=True, nullable=False),  # {namespace}name
    Column("value", LargeBinary, nullable=False),  # the whole element
    sqlite_with_rowid=False,
)

lock = Table(
    "lock",
    metadata,
    _key("account"),
    Column("token", Text, primary_key=True, nullable=False),
    _text("path"),
    _number("exclusive"),
    _number("deep"),
    _text("person"),
    Column("owner", LargeBinary, nullable=False),  # what the client says of itself
    _number("expires"),
    sqlite_with_rowid=False,
)

content = Table(
    "content",
    metadata,
    _key("account"),
    Column("digest", Text, primary_key=True, nullable=False),
    Column("octets", LargeBinary, nullable=False),
    _number("added"),  # when
)

share = Table(
    "share",
    metadata,
    _key("account"),
    _key("node"),
    Column("subject", Text, primary_key=True, nullable=False),  # as `odcore.sharing` writes it
    _number("writes"),  # 1: may also change what is in it
    _text("giver"),  # the holder of a post who gave it: it ends with their charge
    sqlite_with_rowid=False,
)
