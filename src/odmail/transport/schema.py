"""What is remembered of other domains' policies, until it expires."""

from sqlalchemy import Column, Integer, MetaData, Table, Text

from odcore.sql.migrate import Schema

metadata = MetaData()

sts = Table(
    "sts",
    metadata,
    Column("domain", Text, primary_key=True),  # as the DNS has it
    Column("id", Text, nullable=False),  # of the policy below; "" while there is none
    Column("policy", Text, nullable=False),  # sts.Policy as JSON; "" while there is none
    Column("fetched", Integer, nullable=False),
    Column("expires", Integer, nullable=False),
    Column("tried", Integer, nullable=False),  # the last attempt, good or not
    Column("tried_id", Text, nullable=False),  # what was announced then
    Column("used", Integer, nullable=False),  # the day somebody wrote there last
    sqlite_with_rowid=False,
)

SCHEMA = Schema("odmail.transport")
