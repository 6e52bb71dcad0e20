"""The text index of an account's cards."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "card",
        sa.Column("item", sa.BigInteger(), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("collection", sa.BigInteger(), nullable=False),
    )
    op.create_index("card_collection", "card", ["collection"])
    op.execute(
        "CREATE VIRTUAL TABLE words USING fts5(text, content='', contentless_delete=1, detail=column,"
        " tokenize='trigram case_sensitive 1')"
    )
    op.execute("CREATE VIRTUAL TABLE vocabulary USING fts5vocab('words', 'row')")
