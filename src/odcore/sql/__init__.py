"""SQLite by apsw, statements by SQLAlchemy Core, migrations by Alembic."""
