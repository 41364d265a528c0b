"""Secrets never reach a log: they are replaced in the finished line, whoever wrote it and whatever it quotes.

A filter on a logger does not see what its children log, and no filter sees a traceback, which the formatter adds. So
redaction sits at the exit, in the formatter of the root handler (as Home Assistant does for its Telegram bot).
"""

import copy
import logging
import re
from collections.abc import Iterable
from typing import Final

from bunri.log_tracebacks import traceback_without_quotes

REDACTED: Final = "***"

_SHAPES: Final = (
    # Telegram: the bot's number, a colon, 35 characters; inside addresses as well: /bot123456:ABC.../getMe
    re.compile(r"\d{6,}:[A-Za-z0-9_-]{30,}"),
    # Discord: three parts, the first the bot's number in base64.
    re.compile(r"[MNO][A-Za-z0-9_-]{17,}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}"),
    re.compile(r"(?i)(?<=\bBearer )[A-Za-z0-9._~+/=-]{8,}"),
    re.compile(r"(?i)(?<=\bBot )[A-Za-z0-9._~+/=-]{24,}"),
    # A password in an address: postgresql://user:password@host
    re.compile(r"(?<=://)[^\s/:@]+:[^\s/@]+(?=@)"),
)
_SHORTEST: Final = 6
"""Shorter secrets would blank out ordinary words."""


class Redaction:
    """Replaces configured secrets, and whatever is shaped like a token, by ``***``."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = sorted({each for each in secrets if len(each) >= _SHORTEST}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, text: str) -> str:
        """The text without secrets."""
        if self._known is not None:
            text = self._known.sub(REDACTED, text)
        for shape in _SHAPES:
            text = shape.sub(REDACTED, text)
        return text


class RedactingFormatter(logging.Formatter):
    """Formats with another formatter, and takes the secrets out of the result; tracebacks quote nobody."""

    def __init__(self, inner: logging.Formatter, redaction: Redaction) -> None:
        super().__init__()
        self._inner = inner
        self._redaction = redaction

    def format(self, record: logging.LogRecord) -> str:
        """The finished line, or lines."""
        try:
            return self._redaction(self._inner.format(_without_quotes(record)))
        except Exception:
            # logging would print the record and its arguments, unredacted, to stderr.
            return f"a log line of {record.name} could not be written"


def _without_quotes(record: logging.LogRecord) -> logging.LogRecord:
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return record
    told = copy.copy(record)
    told.exc_info, told.exc_text = None, traceback_without_quotes(error)
    return told
