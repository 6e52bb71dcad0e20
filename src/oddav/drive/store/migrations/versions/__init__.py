"""One file for each revision, by Alembic."""
