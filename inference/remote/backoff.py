"""How long to wait before another attempt."""

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

_FIRST_S: Final = 0.1
_LONGEST_S: Final = 3.0
_LONGEST_WISH_S: Final = 3600.0


def full_jitter(attempt: int, rng: random.Random) -> float:
    """Seconds to wait after so many attempts, >= 1: anything from 0 to a limit that doubles, 3 s at most.

    Those who failed together come back spread out (Brooker, "Exponential Backoff And Jitter").
    """
    return rng.uniform(0.0, min(_LONGEST_S, _FIRST_S * 2.0 ** min(attempt, 30)))


def retry_after_seconds(header: str | None, now: datetime | None = None) -> float | None:
    """What ``Retry-After`` asks for, in seconds, 0.0 to an hour; None where it asks for nothing readable.

    RFC 9110, 10.2.3: a whole number of seconds, or a date.
    """
    if header is None:
        return None
    written = header.strip()
    if written.isascii() and written.isdigit():
        return min(float(written[:9]), _LONGEST_WISH_S)
    try:
        when = parsedate_to_datetime(written)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return min(max(0.0, (when - (now or datetime.now(UTC))).total_seconds()), _LONGEST_WISH_S)
