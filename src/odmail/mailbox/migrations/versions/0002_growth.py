"""Large mailboxes: indexes for the searches clients give all day, and a bound on the memory of expunges."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("mailbox", sa.Column("forgotten", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("mailbox", sa.Column("fading", sa.BigInteger(), server_default="0", nullable=False))
    op.create_index("placement_received", "placement", ["account", "mailbox", "received"])
    op.create_index(
        "placement_unseen", "placement", ["account", "mailbox", "uid"], sqlite_where=sa.text("flags & 1 = 0")
    )
    for index, rows in (("placement_received", "20000 20000 2000 2"), ("placement_unseen", "2000 2000 200 1")):
        op.execute(f"INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('placement', '{index}', '{rows}')")  # noqa: S608
    op.execute("ANALYZE sqlite_schema")
