"""The octets of former versions and of what was deleted are counted."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_COUNT = """UPDATE drive SET kept = (SELECT COALESCE(SUM(size), 0) FROM node WHERE node.account = drive.account) - used
    + (SELECT COALESCE(SUM(size), 0) FROM version WHERE version.account = drive.account)"""


def upgrade() -> None:
    op.add_column("drive", sa.Column("kept", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute(_COUNT)
