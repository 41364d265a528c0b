"""The name of a request, the same in the log of who asks and of who answers."""

import re
import secrets
from contextvars import ContextVar
from typing import Final

_ALLOWED: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")

request_id: Final[ContextVar[str]] = ContextVar("request_id", default="")
"""Of the request that the running task works on; "" outside of one. Tasks and threads inherit it."""


def new_request_id() -> str:
    """Sixteen hexadecimal digits that nobody can guess."""
    return secrets.token_hex(8)


def accepted_request_id(given: str | None) -> str:
    """What the caller sent where it may stand in a log and in a header (1 to 64 of A-Za-z0-9._-), else a new one."""
    return given if given is not None and _ALLOWED.fullmatch(given) else new_request_id()
