"""Members of lists are found by name, short texts by the trigrams that begin with them. The book is read anew."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("listing", sa.Column("name_key", sa.Text(), nullable=False, server_default=""))
    op.create_index("listing_name_key", "listing", ["name_key"])
    op.execute("CREATE VIRTUAL TABLE vocabulary USING fts5vocab('words', 'row')")
    op.execute("INSERT INTO words (words) VALUES ('delete-all')")
    op.execute("DELETE FROM listing")
    op.execute("DELETE FROM state")
