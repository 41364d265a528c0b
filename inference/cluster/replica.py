"""One replica: models in a process of their own, which take up newer weights by themselves."""

import asyncio
import logging
import time
from collections.abc import Awaitable
from typing import TypeVar

from inference.answer import Classification, MadePicture
from inference.cluster.notebook import Notebook
from inference.cluster.options import ReplicaWork
from inference.cluster.reply import Failure, Reply
from inference.engine import LocalInference
from inference.errors import InferenceError
from inference.host.reloading import Reloader
from inference.host.state import HostState
from inference.labels import Label
from inference.request_id import request_id

_log = logging.getLogger(__name__)

T = TypeVar("T")


class Replica:
    """What Ray Serve makes many of. It takes requests once this is made: the models are loaded and warm."""

    def __init__(self, work: ReplicaWork) -> None:
        """Load; blocks the replica's loop, on which nothing else runs yet.

        Raises:
            WeightsError, BackendUnavailable: the weights cannot be used here.

        """
        work.set_up()
        serving = work.signature()
        classifier, generator = work.open_models()
        self._notes = Notebook()
        self._inference = LocalInference(
            classifier,
            workers=work.workers,
            generator=generator,
            waiting=work.queue_limit,
            queue_limit=work.queue_limit,
            observer=self._notes,
        )
        self._state = HostState()
        self._state.started(self._inference)
        reloader = Reloader(
            self._state,
            self._inference,
            open_models=work.open_models,
            signature=work.signature,
            serving=serving,
            seconds=work.reload_seconds,
        )
        self._reloading = asyncio.get_running_loop().create_task(reloader.run(), name="reload")
        _log.info("ready: %s on %s", self._inference.names.model, self._inference.names.backend)

    async def classify(self, image: bytes, seconds: float | None, name: str) -> Reply[Classification]:
        """What a photo shows.

        Args:
            image: the file.
            seconds: that the caller still waits; None: as long as it takes.
            name: of the request, for the log.

        """
        deadline = None if seconds is None else time.monotonic() + seconds
        return await self._reply(self._inference.classify(image, deadline=deadline), name)

    async def generate(self, label: Label, count: int, seed: int, name: str) -> Reply[tuple[MadePicture, ...]]:
        """Pictures of a label; the numbers were checked."""
        return await self._reply(self._inference.generate(label, count, seed), name)

    async def describe(self) -> Reply[None]:
        """The models, and what happened since the last answer."""
        return self._told(None)

    async def check_health(self) -> None:
        """Is asked by Ray Serve, which makes another replica in place of one that raises."""
        if self._reloading.done():
            self._reloading.result()
            raise RuntimeError("nobody looks for newer weights")

    async def _reply(self, answering: Awaitable[T], name: str) -> Reply[T]:
        token = request_id.set(name)
        begun = time.perf_counter()
        try:
            outcome: T | Failure = await answering
        except InferenceError as error:
            outcome = Failure.of(error)
        finally:
            _log.debug("worked on for %.0f ms", (time.perf_counter() - begun) * 1000)
            request_id.reset(token)
        return self._told(outcome)

    def _told(self, outcome: T | Failure) -> Reply[T]:
        return Reply(outcome, self._inference.names, self._state.reload_problem, self._notes.torn_out())
