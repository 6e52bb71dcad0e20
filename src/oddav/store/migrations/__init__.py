"""Alembic revisions of an account's collections."""
