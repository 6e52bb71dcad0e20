"""Alembic revisions of the queue's database."""
