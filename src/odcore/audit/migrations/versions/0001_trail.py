"""The first table of the audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "trail",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("trail_subject", "trail", ["subject", "number"])
    op.create_index("trail_actor", "trail", ["actor", "number"])
    if op.get_context().dialect.name == "sqlite":  # elsewhere the role that writes has no right to change
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER trail_no_{change.lower()} BEFORE {change} ON trail "
                "BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END"
            )
