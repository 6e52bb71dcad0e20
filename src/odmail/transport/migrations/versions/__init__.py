"""Alembic revisions of what is remembered of other domains' policies."""
