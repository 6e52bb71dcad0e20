"""The tables of reports.

report      one that was taken in; the same one twice is one
dmarc       its rows, when it is about DMARC
tls         what was asked of the sender and how it went, when it is about TLS
obstacle    sessions that failed alike
seen        what we saw ourselves and tell others about: one row for all that is alike, by day and domain
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, Table, Text, UniqueConstraint

from odcore.sql.migrate import Schema

metadata = MetaData()


def _text(name: str) -> "Column[str]":
    return Column(name, Text, nullable=False)


def _number(name: str, *, key: bool = False) -> "Column[int]":
    return Column(name, BigInteger, primary_key=key, autoincrement=False, nullable=False)


report = Table(
    "report",
    metadata,
    Column("number", Integer, primary_key=True),
    _text("kind"),
    _text("organization"),
    _text("contact"),
    _text("id"),
    _text("domain"),
    _text("policy"),  # DmarcPolicy as JSON, "" for TLS
    _number("begin"),
    _number("end"),
    _number("received"),
    _text("sender"),
    Column("vouched", Boolean, nullable=False),
    _number("count"),
    _number("failures"),
    UniqueConstraint("kind", "organization", "id", "domain", name="report_once"),
    Index("report_begin", "begin"),
)

dmarc = Table(
    "dmarc",
    metadata,
    _number("report", key=True),
    _number("row", key=True),
    _text("source"),
    _number("count"),
    _text("disposition"),
    _text("dkim"),
    _text("spf"),
    _text("header_from"),
    _text("details"),  # DmarcRow as JSON
    Index("dmarc_source", "source"),
    sqlite_with_rowid=False,
)

tls = Table(
    "tls",
    metadata,
    _number("report", key=True),
    _number("row", key=True),
    _text("type"),
    _text("domain"),
    _number("successes"),
    _number("failures"),
    _text("texts"),  # policy-string as JSON
    sqlite_with_rowid=False,
)

obstacle = Table(
    "obstacle",
    metadata,
    _number("report", key=True),
    _number("policy", key=True),
    _number("row", key=True),
    _text("result"),
    _text("host"),
    _text("receiving"),
    _text("sending"),
    _text("reason"),
    _number("count"),
    sqlite_with_rowid=False,
)

seen = Table(
    "seen",
    metadata,
    Column("kind", Text, primary_key=True, nullable=False),
    Column("day", BigInteger, primary_key=True, autoincrement=False, nullable=False),  # since the epoch, in UTC
    Column("domain", Text, primary_key=True, nullable=False),
    Column("what", Text, primary_key=True, nullable=False),  # DmarcRow or tally.Session as JSON
    _number("count"),
    sqlite_with_rowid=False,
)

SCHEMA = Schema("odmail.reports")
