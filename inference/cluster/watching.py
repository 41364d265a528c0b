"""Looks at the replicas again and again: how many run, and which models they answer with."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Final

from ray.exceptions import RayError
from ray.serve.exceptions import RayServeException

from inference.cluster.client import ClusterInference
from inference.cluster.deployments import look
from inference.cluster.fleet import Fleet, Seen
from inference.errors import BackendUnavailable
from inference.host.problems import Refused
from inference.host.state import HostState

_log = logging.getLogger(__name__)

_LOOK_S: Final = 0.5
_DESCRIBE_S: Final = 3.0
_PICTURES_S: Final = 120.0
_NONE: Final = Seen(0)


class Watcher:
    """Tells fleets, inference and metrics what is there."""

    def __init__(self, state: HostState, inference: ClusterInference, fleets: Mapping[str, Fleet]) -> None:
        """Look at the kinds that ``fleets`` names."""
        self._state = state
        self._inference = inference
        self._fleets = fleets
        self._said: dict[str, str] = {}

    async def until_ready(self) -> None:
        """Return once a replica answers photos and its models are known; where pictures are made, those replicas, too.

        They are waited for, but not for good: what is wrong with them is no reason to answer no photos.

        Raises:
            BackendUnavailable: replicas do not start, and Ray Serve has given up.

        """
        enough = asyncio.get_running_loop().time() + _PICTURES_S
        while not self._is_enough(enough):
            seen = await self._look()
            for name, each in seen.items():
                if each.has_given_up:
                    raise BackendUnavailable(f"no replica starts to {name}: {each.reason or 'Ray does not say why'}")
            await self._describe()
            if not self._is_enough(enough):
                await asyncio.sleep(_LOOK_S)

    def _is_enough(self, since: float) -> bool:
        """All is there, or what photos need and it is later than this, by the loop's clock."""
        is_late = asyncio.get_running_loop().time() > since
        return self._inference.is_whole or (self._inference.is_ready and is_late)

    async def run(self) -> None:
        """Look until it is cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._looks())
            group.create_task(self._descriptions())

    async def _looks(self) -> None:
        while True:
            await self._look()
            await asyncio.sleep(_LOOK_S)

    async def _descriptions(self) -> None:
        while True:
            await asyncio.sleep(_DESCRIBE_S)
            await self._describe()

    async def _look(self) -> dict[str, Seen]:
        try:
            everything = await asyncio.to_thread(look)
        except (RayError, RayServeException) as error:
            # Its controller died, and Ray starts it again; the replicas answer meanwhile.
            _log.warning("Ray Serve does not say how its replicas are: %s", type(error).__name__)
            return {}
        seen = {name: everything.get(name, _NONE) for name in self._fleets}
        for name, each in seen.items():
            self._note(name, each)
        return seen

    def _note(self, name: str, seen: Seen) -> None:
        fleet = self._fleets[name]
        if seen.running != fleet.running:
            _log.info("%s: %d replicas run", name, seen.running)
        if seen.reason and seen.reason != self._said.get(name) and not seen.running:
            _log.error("no replica runs to %s: %s", name, seen.reason)
        self._said[name] = seen.reason
        fleet.see(seen)
        self._state.metrics.replicas.labels(name).set(seen.running)

    async def _describe(self) -> None:
        try:
            await self._inference.describe()
        except (Refused, RayError) as error:
            _log.warning("a replica does not say what it runs: %s", type(error).__name__)
