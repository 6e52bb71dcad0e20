"""The filter's memory as it was born.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _numbers(*names: str, keys: int) -> "list[sa.Column[int]]":
    """The first `keys` of them are the primary key."""
    return [
        sa.Column(name, sa.BigInteger(), primary_key=at < keys, autoincrement=False, nullable=False)
        for at, name in enumerate(names)
    ]


def upgrade() -> None:
    """Greylisting, words and names, and what accounts were taught."""
    op.create_table("attempt", *_numbers("hash", "first", "last", "passed", keys=1), sqlite_with_rowid=False)
    op.create_index("attempt_last", "attempt", ["last"])
    op.create_table(
        "client",
        sa.Column("network", sa.Text(), primary_key=True, nullable=False),
        *_numbers("passes", "last", keys=0),
        sqlite_with_rowid=False,
    )
    op.create_index("client_last", "client", ["last"])
    op.create_table("feature", *_numbers("scope", "hash", "wanted", "unwanted", "day", keys=2), sqlite_with_rowid=False)
    op.create_index("feature_day", "feature", ["scope", "day"])
    op.create_table("corpus", *_numbers("scope", "wanted", "unwanted", keys=1), sqlite_with_rowid=False)
    op.create_table("lesson", *_numbers("scope", "message", "unwanted", keys=2), sqlite_with_rowid=False)
    op.create_table("ward", *_numbers("scope", "mailbox", "modseq", "uidnext", keys=1), sqlite_with_rowid=False)
    op.create_table("inmate", *_numbers("scope", "uid", "message", keys=2), sqlite_with_rowid=False)
