"""Alembic revisions of the directory book."""
