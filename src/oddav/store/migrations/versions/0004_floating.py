"""What happens at a time without a zone lies apart, for it is no instant until somebody's clocks are known."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_FLOATS = """(CAST(octets AS TEXT) LIKE '%DTSTART;VALUE=DATE:%'
    OR CAST(octets AS TEXT) LIKE '%DUE;VALUE=DATE:%'
    OR CAST(octets AS TEXT) GLOB '*BEGIN:VEVENT*DTSTART:????????T??????[^Z]*'
    OR CAST(octets AS TEXT) GLOB '*BEGIN:VTODO*DTSTART:????????T??????[^Z]*')"""
"""Of an object as a whole; one of both kinds is sorted out when it is next written."""


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def upgrade() -> None:
    op.create_table(
        "floating",
        _number("account"),
        _number("item"),
        _number("begins"),
        _number("ends"),
        sa.PrimaryKeyConstraint("account", "item", "begins", "ends"),
        sqlite_with_rowid=False,
    )
    op.create_index("floating_begins", "floating", ["account", "begins"])
    op.execute(
        "INSERT INTO floating SELECT account, item, begins, ends FROM occurrence "  # noqa: S608 - our own words
        f"WHERE item IN (SELECT item FROM body WHERE {_FLOATS})"
    )
    op.execute("DELETE FROM occurrence WHERE item IN (SELECT item FROM floating)")
