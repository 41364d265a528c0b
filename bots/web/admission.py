"""Who may send now: so many requests a minute for a client, and so many at the same time."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from bots.rate_limit import RateLimiter
from bots.web.errors import Refusal, RequestRefusedError
from bots.web.options import WebOptions

_SOON: Final = 2.0
"""Seconds after which a place is likely free again: a photo takes a fraction of one."""


class Admission:
    """The door: keeps one client from taking everybody's place, and everybody from filling the memory."""

    def __init__(self, options: WebOptions) -> None:
        self._options = options
        self._limiter = RateLimiter(options.requests_per_minute)
        self._sending: Counter[str] = Counter()

    def count(self, client: str) -> None:
        """Count one photo or one press.

        Raises:
            RequestRefusedError: the client has sent too many of late.

        """
        self._count(client, 1)

    def count_rest(self, client: str, cost: int) -> None:
        """Count what a request costs (``bots.request_cost``) beyond the one that was counted before it was read.

        Raises:
            RequestRefusedError: the client has sent too many of late.

        """
        self._count(client, min(cost, self._options.requests_per_minute) - 1)

    def _count(self, client: str, tokens: int) -> None:
        wait = self._limiter.take(client, tokens)
        if wait > 0:
            raise RequestRefusedError(Refusal.TOO_OFTEN, retry_after=wait, unread=True)

    @contextmanager
    def upload(self, client: str) -> Iterator[None]:
        """A place for the length of one upload.

        Raises:
            RequestRefusedError: the client holds too many places, or none is free.

        """
        if self._sending[client] >= self._options.uploads_per_client:
            raise RequestRefusedError(Refusal.TOO_OFTEN, retry_after=_SOON, unread=True)
        if self._sending.total() >= self._options.uploads:
            raise RequestRefusedError(Refusal.BUSY, retry_after=_SOON, unread=True)
        self._sending[client] += 1
        try:
            yield
        finally:
            self._sending[client] -= 1
            if not self._sending[client]:
                del self._sending[client]
