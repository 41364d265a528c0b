"""PostgreSQL through psycopg. Loaded only where an operator chose it: the driver may not be installed."""

from typing import Final

from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from db.errors import DatabaseUnavailable

_CONNECT_SECONDS: Final = 10
_CONNECTIONS: Final = 6
_DRIVER_MISSING: Final = "PostgreSQL needs its driver: install Bunri as bunri[postgres]"


def blocking_engine(address: URL) -> Engine:
    """For migrations, which run on a thread.

    Raises:
        DatabaseUnavailable: the driver is not installed.

    """
    try:
        return create_engine(address, hide_parameters=True, connect_args={"connect_timeout": _CONNECT_SECONDS})
    except ModuleNotFoundError as error:
        raise DatabaseUnavailable(_DRIVER_MISSING) from error


def async_engine(address: URL) -> AsyncEngine:
    """For everything else.

    Raises:
        DatabaseUnavailable: the driver is not installed.

    """
    try:
        return create_async_engine(
            address,
            hide_parameters=True,  # an exception's text must not hold what was written
            pool_size=_CONNECTIONS,
            max_overflow=0,
            pool_pre_ping=True,  # the server may have been restarted since
            connect_args={"connect_timeout": _CONNECT_SECONDS},
        )
    except ModuleNotFoundError as error:
        raise DatabaseUnavailable(_DRIVER_MISSING) from error
