"""A client of inference hosts with little patience, as the tests want it."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from yarl import URL

from inference.remote.client import RemoteInference
from inference.remote.options import RemoteOptions

PATIENCE_S = 30.0
"""Far more than any call in a test may take: one that hangs fails."""


@asynccontextmanager
async def asking(*urls: URL, **chosen: Any) -> AsyncIterator[RemoteInference]:
    """The client of these hosts, closed at the end; options beside the defaults of the tests."""
    defaults: dict[str, Any] = {"timeout_s": 8.0, "connect_s": 2.0, "read_s": 0.5, "probe_s": 0.05, "rest_s": 60.0}
    inference = RemoteInference(RemoteOptions(hosts=urls, **(defaults | chosen)), rng=random.Random(7))
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield inference
    finally:
        await inference.close()
