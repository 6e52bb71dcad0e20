"""Outlines of headers. Messages that are here already get theirs in idle moments (`ops.outline`)."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "outline",
        sa.Column("account", sa.BigInteger(), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("message", sa.BigInteger(), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("octets", sa.LargeBinary(), nullable=False),
    )
    op.add_column("account", sa.Column("outlined", sa.BigInteger(), server_default="0", nullable=False))
    op.execute("UPDATE account SET outlined = next_message")
