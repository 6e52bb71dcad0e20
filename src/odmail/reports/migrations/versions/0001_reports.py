"""Reports of others, and what we saw for ours.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _text(name: str, *, key: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), primary_key=key, nullable=False)


def _number(name: str, *, key: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), primary_key=key, autoincrement=False, nullable=False)


def upgrade() -> None:
    """See odmail.reports.schema."""
    op.create_table(
        "report",
        sa.Column("number", sa.Integer(), primary_key=True),
        *map(_text, ("kind", "organization", "contact", "id", "domain", "policy")),
        *map(_number, ("begin", "end", "received")),
        _text("sender"),
        sa.Column("vouched", sa.Boolean(), nullable=False),
        *map(_number, ("count", "failures")),
        sa.UniqueConstraint("kind", "organization", "id", "domain", name="report_once"),
    )
    op.create_index("report_begin", "report", ["begin"])
    op.create_table(
        "dmarc",
        *(_number(name, key=True) for name in ("report", "row")),
        _text("source"),
        _number("count"),
        *map(_text, ("disposition", "dkim", "spf", "header_from", "details")),
        sqlite_with_rowid=False,
    )
    op.create_index("dmarc_source", "dmarc", ["source"])
    op.create_table(
        "tls",
        *(_number(name, key=True) for name in ("report", "row")),
        *map(_text, ("type", "domain")),
        *map(_number, ("successes", "failures")),
        _text("texts"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "obstacle",
        *(_number(name, key=True) for name in ("report", "policy", "row")),
        *map(_text, ("result", "host", "receiving", "sending", "reason")),
        _number("count"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "seen",
        _text("kind", key=True),
        _number("day", key=True),
        _text("domain", key=True),
        _text("what", key=True),
        _number("count"),
        sqlite_with_rowid=False,
    )
