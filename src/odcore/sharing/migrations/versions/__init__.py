"""Alembic revisions of the audit trail, oldest first by `down_revision`."""
