"""The inference host from start to stop: listens, loads, answers, takes up newer weights, drains."""

import asyncio
import errno
import logging
import signal
import ssl
from contextlib import suppress
from functools import partial

import click

from bunri.failures import told_in_one_line
from bunri.lifecycle import stop_signals
from bunri.log_redaction import Redaction
from bunri.log_setup import log_loop_errors, secrets_of, set_up_logs
from bunri.serve_settings import ServeSettings, is_loopback
from bunri.settings import InferenceSettings, Settings
from bunri.wiring import open_local_classifier, open_local_generator
from inference.engine import LocalInference
from inference.host.app import create_host
from inference.host.options import HostOptions
from inference.host.problems import plain
from inference.host.reloading import Models, Reloader
from inference.host.state import HostState
from inference.http.server import HttpServer
from inference.weights_signature import weights_signature

_log = logging.getLogger(__name__)


def serve_inference(settings: Settings) -> None:
    """Run a host until SIGTERM or Ctrl+C.

    Raises:
        click.ClickException: it cannot run until an operator changes something; one sentence says what.

    """
    tokens = _tokens(settings.serve)
    if not tokens and not is_loopback(settings.serve.host):
        raise click.ClickException(
            f"{settings.serve.host} can be reached from other machines: set BUNRI_SERVE__TOKENS or "
            "BUNRI_SERVE__TOKENS_FILE, or listen on 127.0.0.1"
        )
    set_up_logs(settings.log, Redaction([*secrets_of(settings), *tokens]))
    tls = _tls(settings.serve)
    with told_in_one_line():
        try:
            asyncio.run(_serve(settings, tokens, tls))
        except OSError as error:
            raise click.ClickException(_told(error, settings.serve)) from error


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


async def _serve(settings: Settings, tokens: tuple[str, ...], tls: ssl.SSLContext | None) -> None:
    serve = settings.serve
    log_loop_errors(asyncio.get_running_loop())
    state = HostState()
    options = HostOptions(
        tokens=tokens,
        max_bytes=settings.inference.max_bytes,
        in_flight_per_token=serve.in_flight_per_token,
        read_seconds=serve.read_seconds,
        # As many as may wait, and some that are worked on or still sent.
        uploads=2 * serve.queue_limit,
    )
    server = HttpServer(
        create_host(state, options),
        serve.host,
        serve.port,
        error_answer=plain,
        drain_seconds=serve.drain_seconds,
        tls=tls,
        cancels=True,
    )
    with stop_signals() as stop:
        async with server:
            click.echo(f"Bunri's inference host listens: {server.url}  (Ctrl+C stops it)")
            answering = asyncio.create_task(_answer(settings, state), name="answer")
            stopping = asyncio.create_task(stop.wait(), name="stop")
            await asyncio.wait({answering, stopping}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            if stop.is_set():
                click.echo("stopping: what is being answered is answered first")
                await _leave(server, state, serve.grace_seconds)
            state.draining()
        # Only now: requests in flight need the engine.
        answering.cancel()
        with suppress(asyncio.CancelledError):
            await answering


async def _leave(server: HttpServer, state: HostState, seconds: float) -> None:
    """Let callers learn that the host ends, answering them meanwhile; then take no further connection."""
    state.leaving()
    await asyncio.sleep(seconds)
    await server.stop_listening()


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


def _tokens(serve: ServeSettings) -> tuple[str, ...]:
    try:
        return serve.read_tokens()
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else str(error)) or "it is no text"
        raise click.ClickException(f"the file of BUNRI_SERVE__TOKENS_FILE cannot be used: {reason}") from error


def _tls(serve: ServeSettings) -> ssl.SSLContext | None:
    try:
        return serve.tls()
    except OSError as error:
        reason = "they are no certificate and its key" if isinstance(error, ssl.SSLError) else error.strerror
        raise click.ClickException(
            f"the files of BUNRI_SERVE__CERTIFICATE and BUNRI_SERVE__KEY cannot be used: {reason}"
        ) from error


def _told(error: OSError, serve: ServeSettings) -> str:
    where = f"{serve.host}, port {serve.port}"
    if error.errno == errno.EADDRINUSE:
        return f"{where} is in use by another program: stop it, or choose another with --port"
    if error.errno == errno.EACCES:
        return f"{where} needs more rights than this program has: choose a port above 1023 with --port"
    return f"cannot listen on {where}: {error.strerror or error}"
