"""Alembic's revisions. ``db/migrate.py`` runs them; no file of Alembic's own settings is needed."""
