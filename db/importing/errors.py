"""What can be wrong with a whole file; what is wrong with one label in it is a ``Refusal``."""

from db.errors import DatabaseError


class ImportUnreadable(DatabaseError):
    """The file is none that can be imported. One sentence says why, and where."""
