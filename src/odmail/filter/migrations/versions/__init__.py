"""Alembic revisions of the filter's memory."""
