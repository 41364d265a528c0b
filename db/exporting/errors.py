"""What can go wrong with an export, each as one sentence that an operator can act on."""

from db.errors import DatabaseError


class ExportRefused(DatabaseError):
    """The folder cannot be exported to: something else is in it, or somebody else is at it."""


class ExportInterrupted(DatabaseError):
    """It could not go on: a full disk, a vault that does not answer. The same command goes on where it ended."""
