"""The tables of what a node remembers about clients, senders and words. All of it is bounded and may be forgotten.

attempt     greylisting: client network, sender and recipient seen together, by hash; when first and last
client      networks whose mail came through greylisting, and how often
feature     how many wanted and unwanted messages a word or a name stood in, by hash; scope 0 is the site's, all others
            are accounts'
corpus      how many messages a scope has learned from
lesson      what an account was taught by a message, so that it can be taught the opposite
ward        how far an account's Junk mailbox has been looked at
inmate      which messages lay in it then
"""

from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text

from odcore.sql.migrate import Schema

metadata = MetaData()


def _key(name: str) -> "Column[int]":
    return Column(name, BigInteger, primary_key=True, autoincrement=False, nullable=False)


def _number(name: str) -> "Column[int]":
    return Column(name, BigInteger, nullable=False)


attempt = Table(
    "attempt",
    metadata,
    _key("hash"),
    _number("first"),
    _number("last"),
    _number("passed"),  # 1: came again after waiting
    Index("attempt_last", "last"),
    sqlite_with_rowid=False,
)

client = Table(
    "client",
    metadata,
    Column("network", Text, primary_key=True, nullable=False),
    _number("passes"),
    _number("last"),
    Index("client_last", "last"),
    sqlite_with_rowid=False,
)

feature = Table(
    "feature",
    metadata,
    _key("scope"),
    _key("hash"),
    _number("wanted"),
    _number("unwanted"),
    _number("day"),  # when it was last learned
    Index("feature_day", "scope", "day"),
    sqlite_with_rowid=False,
)

corpus = Table("corpus", metadata, _key("scope"), _number("wanted"), _number("unwanted"), sqlite_with_rowid=False)

lesson = Table(
    "lesson",
    metadata,
    _key("scope"),
    _key("message"),
    _number("unwanted"),  # 1: learned as unwanted, 0: as wanted
    sqlite_with_rowid=False,
)

ward = Table(
    "ward", metadata, _key("scope"), _number("mailbox"), _number("modseq"), _number("uidnext"), sqlite_with_rowid=False
)

inmate = Table("inmate", metadata, _key("scope"), _key("uid"), _number("message"), sqlite_with_rowid=False)

SCHEMA = Schema("odmail.filter")
