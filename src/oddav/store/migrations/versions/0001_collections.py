"""The first tables of an account's collections."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _key(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    _collections()
    _items()


def _collections() -> None:
    op.create_table(
        "home",
        _key("account"),
        _key("next_collection"),
        _key("next_item"),
        _key("octets"),
        sa.PrimaryKeyConstraint("account"),
    )
    op.create_table(
        "collection",
        _key("account"),
        _key("collection"),
        _text("name"),
        _text("kind"),
        _text("components"),
        _text("epoch"),
        _key("modseq"),
        _key("floor"),
        _key("items"),
        _key("modified"),
        sa.PrimaryKeyConstraint("account", "collection"),
    )
    op.create_index("collection_name", "collection", ["account", "name"], unique=True)
    op.create_table(
        "property",
        _key("account"),
        _key("collection"),
        _text("name"),
        _text("xml"),
        sa.PrimaryKeyConstraint("account", "collection", "name"),
    )


def _items() -> None:
    op.create_table(
        "item",
        _key("account"),
        _key("item"),
        _key("collection"),
        _text("href"),
        _text("uid"),
        _text("etag"),
        _text("component"),
        _key("exact_until"),
        _key("size"),
        _key("modseq"),
        _key("modified"),
        sa.PrimaryKeyConstraint("account", "item"),
    )
    op.create_index("item_href", "item", ["account", "collection", "href"], unique=True)
    op.create_index("item_uid", "item", ["account", "collection", "uid"])
    op.create_index("item_modseq", "item", ["account", "collection", "modseq"])
    op.create_table(
        "body",
        _key("account"),
        _key("item"),
        sa.Column("octets", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("account", "item"),
    )
    op.create_table(
        "occurrence",
        _key("account"),
        _key("item"),
        _key("begins"),
        _key("ends"),
        sa.PrimaryKeyConstraint("account", "item", "begins", "ends"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tombstone",
        _key("account"),
        _key("collection"),
        _text("href"),
        _key("modseq"),
        sa.PrimaryKeyConstraint("account", "collection", "href"),
        sqlite_with_rowid=False,
    )
    op.create_index("tombstone_modseq", "tombstone", ["account", "collection", "modseq"])
