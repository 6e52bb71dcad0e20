"""Messages whose keys are of an older kind are found by an index, which is empty once `ops.renew` is through."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_index("message_unlinked", "message", ["account", "message"], sqlite_where=sa.text("links IS NULL"))
