"""Alembic revisions of the text index of cards."""
