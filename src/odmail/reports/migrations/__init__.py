"""Alembic revisions of reports."""
