"""Calls to replicas of one kind: another replica is asked where one is lost with a request."""

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Any, Final

from ray.exceptions import RayError, RayTaskError
from ray.serve.exceptions import RayServeException
from ray.serve.handle import DeploymentHandle

from inference.cluster.fleet import Fleet
from inference.cluster.reply import Reply
from inference.host.problems import Refused
from inference.remote.backoff import full_jitter
from inference.wire import ProblemCode

_log = logging.getLogger(__name__)

ATTEMPTS: Final = 4
"""Replicas that one request may be lost with: it may be what kills them."""


class ReplicaCalls:
    """Asks replicas through Ray Serve, which chooses the one with less to do and holds back what none has room for."""

    def __init__(self, handle: "DeploymentHandle[Any]", fleet: Fleet, methods: tuple[str, ...]) -> None:
        """Take the handle of a deployment, and the names of what it is asked."""
        self._methods = {name: handle.options(method_name=name) for name in methods}
        self._fleet = fleet
        self._rng = random.Random()  # noqa: S311 - pauses, not secrets

    async def ask(self, method: str, arguments: Callable[[], tuple[object, ...]]) -> Reply[Any]:
        """The reply of one replica. Whoever is cancelled here cancels the work there.

        Args:
            method: of the replica; may be called twice for one request.
            arguments: made anew for every attempt.

        Raises:
            Refused: no replica is there.
            RayTaskError: the replica failed by a fault of its own.

        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._once(method, arguments())
            except (RayError, RayServeException) as error:
                if isinstance(error, RayTaskError) and not isinstance(error.cause, RayError):
                    raise
                # The replica or its machine died, or cannot be reached: nothing was answered.
                _log.warning("a replica was lost with a request (%s), attempt %d", type(error).__name__, attempt)
            if attempt < ATTEMPTS:
                await asyncio.sleep(full_jitter(attempt, self._rng))
        raise Refused(ProblemCode.STARTING, "replicas were lost with this request")

    async def _once(self, method: str, arguments: tuple[object, ...]) -> Reply[Any]:
        if self._fleet.is_out:
            raise no_replica()
        response = self._methods[method].remote(*arguments)
        answering = asyncio.ensure_future(_answer(response))
        answering.add_done_callback(_looked_at)
        out = asyncio.create_task(self._fleet.wait_until_out())
        try:
            await asyncio.wait({answering, out}, return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                raise no_replica()
            return answering.result()
        finally:
            out.cancel()
            if not answering.done():
                response.cancel()
                answering.cancel()


def no_replica() -> Refused:
    """What to say while there is nobody to ask."""
    return Refused(ProblemCode.STARTING, "no replica is ready")


async def _answer(response: Any) -> Reply[Any]:
    try:
        reply: Reply[Any] = await response
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        # Not ours: the replica was stopped with the request in it.
        raise RayServeException("the request was cancelled by the replica") from None
    return reply


def _looked_at(task: "asyncio.Task[Reply[Any]]") -> None:
    """What comes after nobody waits any more is of no interest."""
    if not task.cancelled():
        task.exception()
