"""The queue as it was born.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Messages, recipients, and the index that finds what is due."""
    op.create_table(
        "queued",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("accepted", sa.Integer, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("envelope", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("digest", sa.Text),
        sa.Column("body", sa.LargeBinary),
    )
    op.create_table(
        "recipient",
        sa.Column("message", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due", sa.Integer, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("leased", sa.Integer, nullable=False),
        sa.Column("notified", sa.Boolean, nullable=False),
        sa.Column("last_reply", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    waiting = sa.text("status = 'waiting'")
    op.create_index("recipient_due", "recipient", ["due", "message"], sqlite_where=waiting, postgresql_where=waiting)
    named = sa.text("digest IS NOT NULL")
    op.create_index("queued_digest", "queued", ["digest"], sqlite_where=named, postgresql_where=named)
