"""A token bucket for each client, in bounded memory."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class RateLimiter:
    """Lets each client do so many things a minute, in a burst or spread out.

    Once there are too many clients, those that have been quiet the longest are forgotten first. A forgotten
    client starts with a full bucket, which one that was quiet for a minute has anyway.
    """

    def __init__(self, per_minute: int, *, clients: int = 10_000, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with full buckets.

        Args:
            per_minute: size of a bucket, and tokens that flow into it a minute.
            clients: how many clients are remembered, >= 1.
            clock: seconds, never going back.

        """
        self._size: Final = float(per_minute)
        self._per_second: Final = per_minute / 60
        self._clients: Final = clients
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, client: str, tokens: int = 1) -> float:
        """Take tokens, all or none: 0.0 when they were there, else the seconds (> 0) until they would be.

        More than a bucket holds are never there.
        """
        now = self._clock()
        bucket = self._buckets.pop(client, None) or _Bucket(self._size, now)
        bucket.tokens = min(self._size, bucket.tokens + (now - bucket.filled_at) * self._per_second)
        bucket.filled_at = now
        self._buckets[client] = bucket
        if len(self._buckets) > self._clients:
            self._buckets.popitem(last=False)
        if bucket.tokens >= tokens:
            bucket.tokens -= tokens
            return 0.0
        return (tokens - bucket.tokens) / self._per_second

    def __len__(self) -> int:
        """How many clients are remembered."""
        return len(self._buckets)
