"""What Bunri keeps: a durable inbox, the query log, what residents chose; in SQLite or PostgreSQL.

Nothing here knows who a resident is: their platform's id comes in only as a pseudonym (``Secret.user_key``) or
inside a sealed payload, and the secret lies outside the database.
"""

from db.database import Database
from db.errors import DatabaseError, DatabaseOutdated, DatabaseRefused, DatabaseUnavailable, SecretUnusable, Unsealable
from db.secret import Secret, load_secret

__all__ = [
    "Database",
    "DatabaseError",
    "DatabaseOutdated",
    "DatabaseRefused",
    "DatabaseUnavailable",
    "Secret",
    "SecretUnusable",
    "Unsealable",
    "load_secret",
]
