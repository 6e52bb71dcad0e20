"""What THREAD must know of a message besides its subject; NULL for messages that came before this column."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("message", sa.Column("links", sa.LargeBinary(), nullable=True))
