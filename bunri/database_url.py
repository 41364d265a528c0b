"""The database's URL as it is used: the setting, and the password of its file."""

from bunri.settings import DatabaseSettings
from db.address import with_password
from db.errors import DatabaseUnavailable


def database_url(settings: DatabaseSettings) -> str:
    """The URL to connect to; blocks where there is a file to read.

    Raises:
        DatabaseUnavailable: the file cannot be used, or the URL wants no password.

    """
    password = read_password(settings)
    return settings.url if password is None else with_password(settings.url, password)


def read_password(settings: DatabaseSettings) -> str | None:
    """What the file of the password holds, without the end of its line; None where none is set. Blocks.

    Raises:
        DatabaseUnavailable: it cannot be read, or is empty.

    """
    if settings.password_file is None:
        return None
    try:
        password = settings.password_file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise DatabaseUnavailable(f"the file of BUNRI_DATABASE__PASSWORD_FILE cannot be read: {reason}") from error
    if not password:
        raise DatabaseUnavailable("the file of BUNRI_DATABASE__PASSWORD_FILE is empty")
    return password
