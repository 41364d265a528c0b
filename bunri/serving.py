"""The inference host from start to stop: listens, loads, answers, takes up newer weights, drains."""

import asyncio
import logging
import signal
from functools import partial

import click

from bunri.failures import told_in_one_line
from bunri.log_setup import log_loop_errors
from bunri.serve_door import Door, answer_until_stopped, host_options, http_server, open_door, what_keeps_from_listening
from bunri.settings import InferenceSettings, Settings
from bunri.wiring import open_local_classifier, open_local_generator
from inference.engine import LocalInference
from inference.host.app import create_host
from inference.host.reloading import Models, Reloader
from inference.host.state import HostState
from inference.weights_signature import weights_signature

_log = logging.getLogger(__name__)


def serve_inference(settings: Settings) -> None:
    """Run a host until SIGTERM or Ctrl+C.

    Raises:
        click.ClickException: it cannot run until an operator changes something; one sentence says what.

    """
    door = open_door(settings)
    with told_in_one_line():
        try:
            asyncio.run(_serve(settings, door))
        except OSError as error:
            raise click.ClickException(what_keeps_from_listening(error, settings.serve)) from error


def open_models(settings: InferenceSettings) -> Models:
    """Classifier and generator that the weights name now; blocks.

    Raises:
        WeightsError, BackendUnavailable: they cannot be used.

    """
    classifier = open_local_classifier(settings)
    try:
        return classifier, open_local_generator(settings, classifier)
    except BaseException:
        classifier.close()
        raise


async def _serve(settings: Settings, door: Door) -> None:
    log_loop_errors(asyncio.get_running_loop())
    state = HostState()
    # As many as may wait, and some that are worked on or still sent.
    app = create_host(state, host_options(settings, door, uploads=2 * settings.serve.queue_limit))
    server = http_server(app, settings.serve, door)
    await answer_until_stopped(server, state, _answer(settings, state), grace_seconds=settings.serve.grace_seconds)


async def _answer(settings: Settings, state: HostState) -> None:
    """Load, answer and take up newer weights until it is cancelled."""
    signature = partial(weights_signature, settings.inference.weights, settings.inference.model)
    opening = partial(open_models, settings.inference)
    serving = await asyncio.to_thread(signature)
    classifier, generator = await asyncio.to_thread(opening)
    inference = LocalInference(
        classifier,
        workers=settings.inference.decode_workers,
        generator=generator,
        queue_limit=settings.serve.queue_limit,
        queue_seconds=settings.serve.queue_seconds,
        observer=state.metrics,
    )
    loop = asyncio.get_running_loop()
    try:
        state.started(inference)
        _log.info("ready: %s on %s", classifier.manifest.title, classifier.backend.name)
        reloader = Reloader(
            state,
            inference,
            open_models=opening,
            signature=signature,
            serving=serving,
            seconds=settings.serve.reload_seconds,
        )
        loop.add_signal_handler(signal.SIGHUP, reloader.ask)
        await reloader.run()
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
        await inference.close()
