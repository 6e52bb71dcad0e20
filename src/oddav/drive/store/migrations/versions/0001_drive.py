"""The drive's tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    _books()
    _nodes()
    _versions()
    _notes()


def _books() -> None:
    op.create_table(
        "drive",
        _number("account"),
        _number("modseq"),
        _number("next_node"),
        _number("next_version"),
        _number("used"),
        sa.PrimaryKeyConstraint("account"),
    )


def _nodes() -> None:
    op.create_table(
        "node",
        _number("account"),
        _number("node"),
        _number("parent"),
        _text("name"),
        _text("key"),
        _number("folder"),
        sa.Column("digest", sa.Text()),
        _number("size"),
        _text("mime"),
        _number("created"),
        _number("changed"),
        _number("modseq"),
        sa.Column("trashed", sa.BigInteger()),
        sa.Column("origin", sa.Text()),
        sa.PrimaryKeyConstraint("account", "node"),
    )
    live, filed, gone = (
        sa.text(f"{each}") for each in ("trashed IS NULL", "digest IS NOT NULL", "trashed IS NOT NULL")
    )
    op.create_index("node_key", "node", ["account", "parent", "key"], unique=True, sqlite_where=live)
    op.create_index("node_digest", "node", ["account", "digest"], sqlite_where=filed)
    op.create_index("node_trashed", "node", ["account", "trashed"], sqlite_where=gone)


def _versions() -> None:
    op.create_table(
        "version",
        _number("account"),
        _number("version"),
        _number("node"),
        _text("digest"),
        _number("size"),
        _text("mime"),
        _number("changed"),
        _number("replaced"),
        _text("person"),
        sa.PrimaryKeyConstraint("account", "version"),
    )
    op.create_index("version_node", "version", ["account", "node"])
    op.create_index("version_digest", "version", ["account", "digest"])
    op.create_index("version_replaced", "version", ["account", "replaced"])


def _notes() -> None:
    op.create_table(
        "property",
        _number("account"),
        _number("node"),
        _text("name"),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("account", "node", "name"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lock",
        _number("account"),
        _text("token"),
        _text("path"),
        _number("exclusive"),
        _number("deep"),
        _text("person"),
        sa.Column("owner", sa.LargeBinary(), nullable=False),
        _number("expires"),
        sa.PrimaryKeyConstraint("account", "token"),
        sqlite_with_rowid=False,
    )
