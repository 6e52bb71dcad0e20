"""Devices that want to be told of changes."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "push",
        _number("account"),
        _text("id"),
        _number("collection"),
        _text("person"),
        _text("signed_in"),
        _text("device"),
        _text("resource"),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        _number("content"),
        _number("properties"),
        _number("expires"),
        _number("told"),
        _number("described"),
        _number("due"),
        _number("failing"),
        sa.PrimaryKeyConstraint("account", "id"),
    )
    op.create_index("push_resource", "push", ["account", "collection", "person", "resource"], unique=True)
