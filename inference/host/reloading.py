"""Newer weights are taken up while the host answers: loaded and tried beside the running model, then swapped in."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import numpy as np

from inference.classifier import Classifier
from inference.engine import LocalInference
from inference.errors import InferenceClosed, InferenceError, WeightsError
from inference.generation import PictureGenerator
from inference.host.state import HostState

_log = logging.getLogger(__name__)

Models = tuple[Classifier, PictureGenerator | None]

_MEANS: Final = "the model before goes on answering"


class Reloader:
    """Looks for newer weights from time to time, and when it is asked to."""

    def __init__(
        self,
        state: HostState,
        inference: LocalInference,
        *,
        open_models: Callable[[], Models],
        signature: Callable[[], str],
        serving: str,
        seconds: float,
    ) -> None:
        """Both functions block, and run on threads.

        Args:
            state: is told how it went.
            inference: whose model is swapped.
            open_models: loads and warms up what the weights name now; raises ``InferenceError`` where it cannot.
            signature: another text whenever the weights name something else.
            serving: the signature of what answers now.
            seconds: between two looks; 0: only when it is asked to.

        """
        self._state = state
        self._inference = inference
        self._open_models = open_models
        self._signature = signature
        self._serving = serving
        self._seconds = seconds
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Look now."""
        self._asked.set()

    async def run(self) -> None:
        """Look until it is cancelled, or the engine is closed."""
        with suppress(InferenceClosed):
            while True:
                was_asked = await self._wait()
                found = await asyncio.to_thread(self._signature)
                if found != self._serving:
                    await self._take_up(found)
                elif was_asked:
                    _log.info("the weights are those that answer already")
                    self._well()

    async def _wait(self) -> bool:
        try:
            async with asyncio.timeout(self._seconds or None):
                await self._asked.wait()
        except TimeoutError:
            return False
        self._asked.clear()
        return True

    async def _take_up(self, found: str) -> None:
        # A shield: models that are loaded when the host ends would else belong to nobody.
        opening = asyncio.create_task(asyncio.to_thread(self._open))
        try:
            classifier, generator = await asyncio.shield(opening)
        except asyncio.CancelledError:
            await _close_when_there(opening)
            raise
        except Exception as error:
            self._failed(error)
            return
        swapping = asyncio.create_task(self._inference.swap(classifier, generator))
        try:
            await asyncio.shield(swapping)
        except asyncio.CancelledError:
            with suppress(InferenceClosed):
                await swapping
            raise
        self._serving = found
        self._state.serves()
        self._state.metrics.reloaded(is_good=True)
        self._well()
        _log.info("%s answers from now on", classifier.manifest.title)

    def _open(self) -> Models:
        classifier, generator = self._open_models()
        try:
            _try(classifier)
        except BaseException:
            _close(classifier, generator)
            raise
        return classifier, generator

    def _failed(self, error: Exception) -> None:
        reason = str(error) if isinstance(error, InferenceError) else type(error).__name__
        if reason != self._state.reload_problem:  # once, and not at every look
            _log.error("newer weights cannot be used, %s: %s", _MEANS, reason)
            self._state.metrics.reloaded(is_good=False)
        self._state.reload_problem = reason

    def _well(self) -> None:
        self._state.reload_problem = ""
        self._state.metrics.reload_failed.set(0)


def _try(classifier: Classifier) -> None:
    """One call, so that a network that runs and makes nothing of sense never answers."""
    side = classifier.manifest.input_side
    output = classifier.backend.logits(np.zeros((1, side, side, 3), dtype=np.uint8))
    if not (np.isfinite(output.label_logits).all() and np.isfinite(output.waste_logits).all()):
        raise WeightsError(f"the network of {classifier.manifest.title!r} gives no numbers; pack it again.")


async def _close_when_there(opening: "asyncio.Task[Models]") -> None:
    with suppress(Exception):
        await asyncio.to_thread(_close, *(await opening))


def _close(classifier: Classifier, generator: PictureGenerator | None) -> None:
    if generator is not None:
        generator.close()
    classifier.close()
