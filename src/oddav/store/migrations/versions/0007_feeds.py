"""Subscribed calendars."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "feed",
        _number("account"),
        _number("collection"),
        _text("etag"),
        _text("modified"),
        _number("fetched"),
        _number("due"),
        _number("tries"),
        _text("said"),
        sa.PrimaryKeyConstraint("account", "collection"),
        sqlite_with_rowid=False,
    )
