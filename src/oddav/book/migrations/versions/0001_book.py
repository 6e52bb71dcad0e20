"""The first tables of the directory book."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    texts = [sa.Column(name, sa.Text(), nullable=False) for name in ("name", "email", "tel", "org", "title", "private")]
    op.create_table(
        "listing",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("id", sa.Text(), nullable=False, unique=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("closed", sa.Integer(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        *texts,
    )
    op.create_index("listing_office", "listing", ["office"])
    op.create_table(
        "state",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
    )
    # SQLite's trigram index, a column for each kind of property. Contentless: the texts are in `listing`.
    op.execute(
        "CREATE VIRTUAL TABLE words USING fts5(name, email, tel, org, title, private, content='',"
        " contentless_delete=1, detail=column, tokenize='trigram case_sensitive 1')"
    )
