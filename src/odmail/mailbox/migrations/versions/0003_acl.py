"""Access lists of mailboxes."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "acl",
        sa.Column("account", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("mailbox", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("negative", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rights", sa.Text(), nullable=False),
        sa.Column("giver", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", "mailbox", "subject", "negative"),
        sqlite_with_rowid=False,
    )
