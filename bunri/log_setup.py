"""What Bunri writes to stderr: lines for people or for machines, always without secrets."""

import asyncio
import logging
import sys
from types import TracebackType
from typing import Any, Final

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from bunri.database_url import read_password
from bunri.log_redaction import RedactingFormatter, Redaction
from bunri.settings import LogSettings, Settings
from db.errors import DatabaseError
from inference.request_id import request_id

_TALKATIVE: Final = ("httpx", "httpcore", "telegram", "discord", "aiohttp", "alembic", "asyncio", "PIL")
"""Libraries whose details are not wanted, or whose details hold what residents sent: these stay at WARNING."""

_log = logging.getLogger("bunri")


def set_up_logs(settings: LogSettings, redaction: Redaction) -> None:
    """Log to stderr through one redacting handler; uncaught errors and warnings take the same way."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter(_formatter(settings), redaction))
    handler.addFilter(_name_request)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    logging.raiseExceptions = False
    sys.excepthook = _uncaught


def secrets_of(settings: Settings) -> list[str]:
    """Every secret that is configured, as it is written."""
    found = [
        settings.telegram.token,
        settings.telegram.webhook_secret,
        settings.discord.token,
        settings.database.secret,
        settings.inference.token,
        settings.vault.s3_secret_key,
    ]
    written = [each.get_secret_value() for each in (*found, *settings.serve.tokens) if each is not None]
    if settings.vault.keys is not None:
        written += [
            word.rpartition(":")[2] for word in settings.vault.keys.get_secret_value().replace(",", " ").split()
        ]
    if settings.admin.tokens is not None:
        written += [
            word.rpartition(":")[2] for word in settings.admin.tokens.get_secret_value().replace(",", " ").split()
        ]
    for section in (settings.telegram, settings.discord, settings.inference):
        try:
            token = section.read_token()
        except (OSError, UnicodeDecodeError):
            continue  # told when the token is needed
        if token:
            written.append(token)
    try:
        password = read_password(settings.database)
    except DatabaseError:
        password = None  # told when it is needed
    return [*written, password] if password else written


def log_loop_errors(loop: asyncio.AbstractEventLoop) -> None:
    """An error that no task caught is logged like others, without what the loop knows of the task."""

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        del loop
        _log.error("%s", context.get("message", "an error in the event loop"), exc_info=context.get("exception"))

    loop.set_exception_handler(handle)


def _name_request(record: logging.LogRecord) -> bool:
    """Put the request that is being worked on into what is logged; the host and the bot name it alike."""
    name = request_id.get()
    record.request = f"[{name}] " if name else ""
    if name:
        record.request_id = name
    return True


def _formatter(settings: LogSettings) -> logging.Formatter:
    if settings.format == "json":
        return JsonFormatter(
            "%(asctime)s %(levelname)s %(name)s %(message)s",
            reserved_attrs=[*RESERVED_ATTRS, "request"],
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
            json_ensure_ascii=False,
        )
    text = "%(asctime)s %(levelname)-7s %(name)s: %(request)s%(message)s"
    return logging.Formatter(text, defaults={"request": ""})


def _uncaught(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.exit(130)
    _log.critical("stopped by an error", exc_info=(kind, error, traceback))
