"""Which message is which journal."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "note_mark",
        _number("account"),
        _number("mailbox"),
        _number("modseq"),
        _number("uidnext"),
        _text("token"),
        sa.PrimaryKeyConstraint("account"),
    )
    op.create_table(
        "note_pair",
        _number("account"),
        _text("key"),
        _text("href"),
        _text("etag"),
        _number("uid"),
        _text("base"),
        _number("due"),
        sa.PrimaryKeyConstraint("account", "key"),
        sqlite_with_rowid=False,
    )
    op.create_index("note_pair_href", "note_pair", ["account", "href"])
    op.create_index("note_pair_due", "note_pair", ["account", "due"])
    op.create_table(
        "note_letter",
        _number("account"),
        _number("uid"),
        _text("key"),
        sa.PrimaryKeyConstraint("account", "uid"),
        sqlite_with_rowid=False,
    )
    op.create_index("note_letter_key", "note_letter", ["account", "key", "uid"])
