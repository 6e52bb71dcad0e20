"""Schedule-Tag, messages on their way, and what has arrived.  RFC 6638"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    op.add_column("item", sa.Column("schedule_tag", sa.Text(), nullable=False, server_default=""))
    op.create_index("item_by_uid", "item", ["account", "uid"])
    op.create_table(
        "message",
        _number("account"),
        _number("message"),
        _text("id"),
        _text("method"),
        _text("sender"),
        sa.Column("octets", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("account", "message"),
    )
    op.create_table(
        "outgoing",
        _number("account"),
        _number("message"),
        _text("recipient"),
        _number("due"),
        _number("tries"),
        sa.PrimaryKeyConstraint("account", "message", "recipient"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "arrival",
        _number("account"),
        _text("id"),
        _number("arrived"),
        sa.PrimaryKeyConstraint("account", "id"),
        sqlite_with_rowid=False,
    )
