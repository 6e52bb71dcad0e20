"""Who is let into which collections, and what guests note about those of others."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "share",
        _number("account"),
        _number("collection"),
        _text("subject"),
        _number("access"),
        _text("giver"),
        sa.PrimaryKeyConstraint("account", "collection", "subject"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "note",
        _number("account"),
        _text("owner"),
        _number("collection"),
        _text("name"),
        _text("xml"),
        sa.PrimaryKeyConstraint("account", "owner", "collection", "name"),
        sqlite_with_rowid=False,
    )
