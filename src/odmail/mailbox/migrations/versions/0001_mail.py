"""The first tables of an account's mail."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("account", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("modseq", sa.BigInteger(), nullable=False),
        sa.Column("next_message", sa.BigInteger(), nullable=False),
        sa.Column("next_mailbox", sa.BigInteger(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.Column("quota", sa.BigInteger(), nullable=False),
        sa.Column("indexed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account"),
    )
    op.create_table(
        "body",
        sa.Column("account", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("rest", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("account", "message"),
    )
    op.create_table(
        "expunged",
        sa.Column("account", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("mailbox", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("modseq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("uid", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("account", "mailbox", "modseq", "uid"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "keyword",
        sa.Column("account", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("bit", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", "bit"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "mailbox",
        sa.Column("account", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("mailbox", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uidnext", sa.BigInteger(), nullable=False),
        sa.Column("highestmodseq", sa.BigInteger(), nullable=False),
        sa.Column("present", sa.BigInteger(), nullable=False),
        sa.Column("unseen", sa.BigInteger(), nullable=False),
        sa.Column("deleted", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("recent_from", sa.BigInteger(), nullable=False),
        sa.Column("special_use", sa.Text(), nullable=True),
        sa.Column("selectable", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account", "mailbox"),
        sqlite_with_rowid=False,
    )
    op.create_index("mailbox_name", "mailbox", ["account", "name"], unique=True)
    op.create_table(
        "message",
        sa.Column("account", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("header_size", sa.BigInteger(), nullable=False),
        sa.Column("thread", sa.BigInteger(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=True),
        sa.Column("sent_day", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("structure", sa.LargeBinary(), nullable=False),
        sa.Column("part", sa.LargeBinary(), nullable=False),
        sa.Column("preview", sa.Text(), nullable=False),
        sa.Column("sort", sa.LargeBinary(), nullable=False),
        sa.Column("attachments", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "message"),
    )
    op.create_index(
        "message_digest", "message", ["account", "digest"], unique=False, sqlite_where=sa.text("digest IS NOT NULL")
    )
    op.create_table(
        "orphan",
        sa.Column("account", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("account", "message"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "placement",
        sa.Column("account", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("mailbox", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("uid", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message", sa.BigInteger(), nullable=False),
        sa.Column("flags", sa.BigInteger(), nullable=False),
        sa.Column("keywords", sa.BigInteger(), nullable=False),
        sa.Column("modseq", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("saved", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "mailbox", "uid"),
        sqlite_with_rowid=False,
    )
    op.create_index("placement_modseq", "placement", ["account", "mailbox", "modseq"], unique=False)
    op.create_table(
        "reader",
        sa.Column("account", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reader", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("mailbox", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "reader", "mailbox"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reference",
        sa.Column("account", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("thread", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "hash"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "retired",
        sa.Column("account", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "name"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "seen",
        sa.Column("account", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reader", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("mailbox", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("uid", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("account", "reader", "mailbox", "uid"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "subscription",
        sa.Column("account", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", "name"),
        sqlite_with_rowid=False,
    )
    # SQLite's trigram index. Contentless: the octets are in `body`; detail=none: candidates are verified anyway.
    op.execute(
        "CREATE VIRTUAL TABLE text_index USING fts5(text, content='', contentless_delete=1, detail=none,"
        " tokenize='trigram case_sensitive 1')"
    )
    _guide_planner()


def _guide_planner() -> None:
    """Fixed statistics for SQLite: `account` leads every key and has one value, which the planner cannot guess."""
    op.execute("ANALYZE")
    for table, index, rows in (
        ("placement", "placement", "20000 20000 2000 1"),
        ("placement", "placement_modseq", "20000 20000 2000 3"),
        ("message", "sqlite_autoindex_message_1", "20000 20000 1"),
        ("message", "message_digest", "200 200 2"),
        ("body", "sqlite_autoindex_body_1", "20000 20000 1"),
        ("expunged", "expunged", "5000 5000 500 5 1"),
        ("reference", "reference", "30000 30000 1"),
        ("seen", "seen", "5000 5000 1000 500 1"),
        ("reader", "reader", "50 50 10 1"),
        ("mailbox", "mailbox", "20 20 1"),
        ("mailbox", "mailbox_name", "20 20 1"),
    ):
        op.execute(f"INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('{table}', '{index}', '{rows}')")  # noqa: S608
    op.execute("ANALYZE sqlite_schema")
