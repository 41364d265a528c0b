"""Inference by replicas, behind the routes of a host (``inference.host.served.Served``)."""

import asyncio
import time
from typing import Final, TypeVar

from inference.answer import Classification, MadePicture
from inference.cluster.calls import ReplicaCalls, no_replica
from inference.cluster.fleet import Fleet
from inference.cluster.options import Scaling
from inference.cluster.reply import Reply
from inference.errors import DeadlinePassed, GenerationUnavailable, InferenceBusy, InferenceClosed
from inference.host.state import HostState
from inference.labels import Label
from inference.model_names import ModelNames
from inference.pace import Pace
from inference.request_id import request_id
from inference.wire import LAST_SEED, MOST_PICTURES

T = TypeVar("T")

CLASSIFY: Final = "classify"
GENERATE: Final = "generate"
DESCRIBE: Final = "describe"

_DESCRIBE_S: Final = 10.0


class Kind:
    """Replicas of one kind: how to ask them, how many there are, and how much of their work is in flight."""

    def __init__(self, calls: ReplicaCalls, fleet: Fleet, scaling: Scaling) -> None:
        self.calls = calls
        self.fleet = fleet
        self.scaling = scaling
        self.in_flight = 0
        self.names: ModelNames | None = None
        self.reload_problem = ""

    @property
    def held(self) -> int:
        """Requests that the replicas hold at most, as many as run."""
        return self.fleet.running * self.scaling.max_ongoing_requests

    @property
    def queued(self) -> int:
        """Requests that wait before all of them."""
        return max(0, self.in_flight - self.held)

    @property
    def is_full(self) -> bool:
        """Whether as many wait as may."""
        return self.in_flight >= self.held + self.scaling.max_queued_requests


class ClusterInference:
    """Inference by replicas; one event loop may use it. Both calls may reach a replica twice: they change nothing."""

    def __init__(self, state: HostState, photos: Kind, pictures: Kind | None) -> None:
        """Ask these; the metrics of the host are told what the replicas saw."""
        self._state = state
        self._photos = photos
        self._pictures = pictures
        self._pace = Pace()
        self._closing = False
        self._drained = asyncio.Event()
        self._drained.set()

    @property
    def is_ready(self) -> bool:
        """Whether a replica answers photos."""
        return self._photos.fleet.running > 0 and self._photos.names is not None

    @property
    def is_whole(self) -> bool:
        """Whether a replica of each kind answers."""
        pictures = self._pictures
        return self.is_ready and (pictures is None or (pictures.fleet.running > 0 and pictures.names is not None))

    @property
    def names(self) -> ModelNames:
        """Of the models that were heard of last: while replicas take up newer weights, both answer."""
        photos = self._photos.names
        if photos is None:
            raise no_replica()
        pictures = None if self._pictures is None else self._pictures.names
        return ModelNames(photos.model, photos.backend, None if pictures is None else pictures.generator)

    @property
    def queued(self) -> int:
        """Photos that no replica has room for."""
        return self._photos.queued

    @property
    def in_flight(self) -> int:
        """Photos that wait or are worked on."""
        return self._photos.in_flight

    def check_room(self) -> None:
        """See ``Served``.

        Raises:
            InferenceBusy: as many wait as may.
            InferenceClosed: ``close`` was called before.
            Refused: no replica is there.

        """
        if self._closing:
            raise InferenceClosed("inference is closed")
        if self._photos.fleet.is_out:
            raise no_replica()
        if self._photos.is_full:
            raise InferenceBusy(self._pace.wait_for(self._photos.queued + 1))

    async def classify(self, image: bytes, *, deadline: float | None = None) -> Classification:
        """See ``Served``. A photo whose replica dies is given to another one, within its deadline.

        Raises:
            DecodeError: the bytes are not an acceptable photo.
            InferenceBusy: as many wait as may.
            DeadlinePassed: the deadline came first.
            Refused: no replica is there.

        """
        self.check_room()
        if not self._photos.in_flight:
            self._pace.begun(time.monotonic())
        self._enter(self._photos)
        try:
            async with asyncio.timeout_at(deadline):
                reply: Reply[Classification] = await self._photos.calls.ask(
                    CLASSIFY, lambda: (image, _left(deadline), request_id.get())
                )
        except TimeoutError as error:
            raise DeadlinePassed from error
        finally:
            self._leave(self._photos)
            if not self._photos.in_flight:
                self._pace.idle()
        self._pace.answered(time.monotonic())
        return self._heard(self._photos, reply).value()

    async def generate(self, label: Label, count: int, seed: int) -> tuple[MadePicture, ...]:
        """See ``Served``.

        Raises:
            GenerationUnavailable: there is no generator, or as many wait as may.
            ValueError: ``count`` is not 1 to 16, or the seed is out of range.
            InferenceClosed: ``close`` was called before.
            Refused: no replica is there.

        """
        if self._closing:
            raise InferenceClosed("inference is closed")
        if self._pictures is None:
            raise GenerationUnavailable
        if not 1 <= count <= MOST_PICTURES or not 0 <= seed <= LAST_SEED:
            raise ValueError(f"1 to {MOST_PICTURES} pictures, seeds from 0 to {LAST_SEED}")
        if self._pictures.is_full:
            raise GenerationUnavailable(is_busy=True)
        self._enter(self._pictures)
        try:
            reply: Reply[tuple[MadePicture, ...]] = await self._pictures.calls.ask(
                GENERATE, lambda: (label, count, seed, request_id.get())
            )
        finally:
            self._leave(self._pictures)
        return self._heard(self._pictures, reply).value()

    async def describe(self) -> None:
        """Ask a replica of each kind for its models; one that does not answer in time is left for the next time."""
        for kind in (self._photos, self._pictures):
            if kind is not None and kind.fleet.running:
                try:
                    async with asyncio.timeout(_DESCRIBE_S):
                        self._heard(kind, await kind.calls.ask(DESCRIBE, tuple))
                except TimeoutError:
                    continue

    async def close(self) -> None:
        """See ``Inference``. The replicas belong to Ray."""
        self._closing = True
        await self._drained.wait()

    def _enter(self, kind: Kind) -> None:
        kind.in_flight += 1
        self._drained.clear()

    def _leave(self, kind: Kind) -> None:
        kind.in_flight -= 1
        if not self._photos.in_flight and (self._pictures is None or not self._pictures.in_flight):
            self._drained.set()

    def _heard(self, kind: Kind, reply: Reply[T]) -> Reply[T]:
        reply.notes.told_to(self._state.metrics)
        kind.reload_problem = reply.reload_problem
        problem = self._photos.reload_problem or (self._pictures.reload_problem if self._pictures else "")
        self._state.reload_problem = problem
        self._state.metrics.reload_failed.set(bool(problem))
        if kind.names != reply.names:
            kind.names = reply.names
            if self._photos.names is not None:
                names = self.names
                self._state.metrics.serves(names.model, names.backend, names.generator)
        return reply


def _left(deadline: float | None) -> float | None:
    """Seconds: clocks of two machines differ, what is left of the time does not."""
    return None if deadline is None else max(0.0, deadline - time.monotonic())
