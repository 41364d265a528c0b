"""Settings -> the parts that run. The only place where they meet."""

import asyncio
from typing import Final

from bots.web import WebOptions
from bunri.settings import InferenceSettings, Settings
from inference.classifier import Classifier, open_classifier
from inference.decode import DecodeLimits
from inference.engine import LocalInference
from inference.generation import PictureGenerator, open_generator

_GALLERY_AFTER_S: Final = 3.0
"""The page's example pictures wait until the start, and whoever waited for it, is over."""


def open_local_classifier(settings: InferenceSettings) -> Classifier:
    """The classifier alone, for commands that work through photos one after the other.

    Raises:
        WeightsError, BackendUnavailable: see ``inference.classifier.open_classifier``.

    """
    return open_classifier(
        settings.weights,
        settings.model,
        settings.backend,
        limits=DecodeLimits(settings.max_bytes, settings.max_pixels),
        threads=settings.threads,
        workers=settings.decode_workers,
    )


def open_local_generator(settings: InferenceSettings, classifier: Classifier) -> PictureGenerator | None:
    """The generator, where the weights hold one and it is not switched off.

    Raises:
        WeightsError, BackendUnavailable: see ``inference.generation.open_generator``.

    """
    if not settings.generator:
        return None
    return open_generator(
        settings.weights, classifier, settings.backend, candidates=settings.candidates, truncation=settings.truncation
    )


async def open_inference(settings: InferenceSettings) -> LocalInference:
    """Classifier and generator behind the asynchronous interface; loads off the event loop.

    Raises:
        WeightsError, BackendUnavailable: see ``inference.classifier.open_classifier``.

    """
    classifier = await asyncio.to_thread(open_local_classifier, settings)
    try:
        generator = await asyncio.to_thread(open_local_generator, settings, classifier)
    except BaseException:
        classifier.close()
        raise
    return LocalInference(classifier, workers=settings.decode_workers, generator=generator)


def web_options(settings: Settings) -> WebOptions:
    """The web page's share of the settings."""
    return WebOptions(
        max_bytes=settings.inference.max_bytes,
        max_photos=settings.web.max_photos,
        requests_per_minute=settings.web.requests_per_minute,
        trust_proxy=settings.web.trust_proxy,
        language=settings.language,
        region=settings.region,
        keeps_photos=settings.vault.keep_photos,
        gallery_after_seconds=_GALLERY_AFTER_S,
    )
