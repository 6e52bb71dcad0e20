"""BODYSTRUCTURE apart from what else is known of a message: a mailbox full of them is read in a tenth of the pages."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "structure",
        sa.Column("account", sa.BigInteger(), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("message", sa.BigInteger(), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("octets", sa.LargeBinary(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO structure SELECT account, message, structure FROM message ORDER BY account, message")
    op.drop_column("message", "structure")
