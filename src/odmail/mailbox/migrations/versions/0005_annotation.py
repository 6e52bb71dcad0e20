"""Annotations of mailboxes."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "annotation",
        sa.Column("account", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("mailbox", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reader", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=True),
        sa.Column("modseq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "mailbox", "reader", "entry"),
    )
    op.create_index("annotation_modseq", "annotation", ["account", "modseq"])
