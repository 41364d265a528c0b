"""What can go wrong with the database, each as one sentence that an operator can act on. No password is in any."""


class DatabaseError(Exception):
    """The root of everything that ``db`` raises on purpose."""


class DatabaseUnavailable(DatabaseError):
    """The database cannot be reached, opened or written: a wrong URL, a missing driver, a full disk, a stopped server.

    Worth trying again where the database was there before.
    """


class DatabaseRefused(DatabaseError):
    """The database works and would not take this: a value too long, a row that is there already. A fault of ours."""


class DatabaseOutdated(DatabaseError):
    """The tables are not those of this version of Bunri; ``db.migrate.upgrade`` mends it where they are older."""


class SecretUnusable(DatabaseError):
    """The secret is missing, too short, or its file cannot be read or written."""


class Unsealable(DatabaseError):
    """Sealed bytes were altered, belong elsewhere, or were sealed with another secret."""


class StorageUnavailable(DatabaseUnavailable):
    """What holds the kept photos cannot be reached, read, written or emptied: no rights, a full disk, no network."""


class PhotoMissing(DatabaseError, FileNotFoundError):
    """No photo of this id is kept, or its file is not where it should be."""


class PhotoForgotten(PhotoMissing):
    """The photo was deleted at its resident's wish, and takes no word any more."""


class PhotoRejected(DatabaseError):
    """Somebody found this photo of no use; only they can take that back."""


class KeysUnusable(DatabaseError):
    """The vault's keys cannot be had: no file, a faulty line, a command that fails."""


class KeyMissing(KeysUnusable):
    """The keys can be had, and the one that a photo was sealed with is not among them."""
