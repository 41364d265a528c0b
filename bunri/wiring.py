"""Settings -> the parts that run. The only place where they meet."""

import asyncio
from typing import TYPE_CHECKING, Final

from bots.web import WebOptions
from bunri.settings import InferenceSettings, Settings
from inference.errors import HostsMisconfigured
from inference.interface import Inference
from inference.remote.address import host_address
from inference.remote.options import RemoteOptions
from inference.remote.tls import tls_of

# A bot whose photos other machines look at loads neither a model nor what runs one.
if TYPE_CHECKING:
    from inference.classifier import Classifier
    from inference.engine import LocalInference
    from inference.generation import PictureGenerator

_GALLERY_AFTER_S: Final = 3.0
"""The page's example pictures wait until the start, and whoever waited for it, is over."""


def open_local_classifier(settings: InferenceSettings) -> "Classifier":
    """The classifier alone, for commands that work through photos one after the other.

    Raises:
        WeightsError, BackendUnavailable: see ``inference.classifier.open_classifier``.

    """
    from inference.classifier import open_classifier
    from inference.decode import DecodeLimits

    return open_classifier(
        settings.weights,
        settings.model,
        settings.backend,
        limits=DecodeLimits(settings.max_bytes, settings.max_pixels),
        threads=settings.threads,
        workers=settings.decode_workers,
    )


def open_local_generator(settings: InferenceSettings, classifier: "Classifier") -> "PictureGenerator | None":
    """The generator, where the weights hold one and it is not switched off.

    Raises:
        WeightsError, BackendUnavailable: see ``inference.generation.open_generator``.

    """
    from inference.generation import open_generator

    if not settings.generator:
        return None
    return open_generator(
        settings.weights, classifier, settings.backend, candidates=settings.candidates, truncation=settings.truncation
    )


async def open_inference(settings: InferenceSettings) -> Inference:
    """What looks at photos: the hosts where there are ``urls``, and else this process.

    Raises:
        WeightsError, BackendUnavailable: see ``open_local_inference``.
        HostsMisconfigured: see ``remote_options``.

    """
    if not settings.urls:
        return await open_local_inference(settings)
    from inference.remote.client import RemoteInference

    inference = RemoteInference(await asyncio.to_thread(remote_options, settings))
    inference.look()
    return inference


def remote_options(settings: InferenceSettings) -> RemoteOptions:
    """What is set about the hosts; reads the files of token and certificates.

    Raises:
        HostsMisconfigured: one of them cannot be used; the sentence says which.

    """
    try:
        token = settings.read_token()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise HostsMisconfigured(f"the file of BUNRI_INFERENCE__TOKEN_FILE cannot be read: {reason}") from error
    if token is not None and not (token.isascii() and token.isprintable() and " " not in token):
        raise HostsMisconfigured("BUNRI_INFERENCE__TOKEN holds a character that no header can carry")
    return RemoteOptions(
        hosts=tuple(host_address(url) for url in settings.urls),
        token=token,
        tls=tls_of(settings.ca_file),
        max_bytes=settings.max_bytes,
        timeout_s=settings.timeout_s,
        generate_timeout_s=settings.generate_timeout_s,
        connect_s=settings.connect_timeout_s,
        read_s=settings.read_timeout_s,
        attempts=settings.attempts,
    )


async def open_local_inference(settings: InferenceSettings) -> "LocalInference":
    """Classifier and generator in this process, behind the asynchronous interface; loads off the event loop.

    Raises:
        WeightsError, BackendUnavailable: see ``inference.classifier.open_classifier``.

    """
    from inference.engine import LocalInference

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
