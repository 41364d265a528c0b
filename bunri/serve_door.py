"""The door of an inference host, `serve` or `cluster`: who may come in, where it listens, and how it closes."""

import asyncio
import errno
import ssl
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import click
from aiohttp import web

from bunri.lifecycle import stop_signals
from bunri.log_redaction import Redaction
from bunri.log_setup import secrets_of, set_up_logs
from bunri.serve_settings import ServeSettings, is_loopback
from bunri.settings import Settings
from inference.host.options import HostOptions
from inference.host.problems import plain
from inference.host.state import HostState
from inference.http.server import HttpServer


@dataclass(frozen=True, slots=True)
class Door:
    """What was read for it.

    Attributes:
        tokens: of the callers.
        tls: certificate and key; None for plain HTTP.

    """

    tokens: tuple[str, ...] = field(repr=False)
    tls: ssl.SSLContext | None


def open_door(settings: Settings) -> Door:
    """Read tokens and certificate, and set up logs that hold none of them.

    Raises:
        click.ClickException: one of them cannot be used, or everybody could come in.

    """
    tokens = _tokens(settings.serve)
    if not tokens and not is_loopback(settings.serve.host):
        raise click.ClickException(
            f"{settings.serve.host} can be reached from other machines: set BUNRI_SERVE__TOKENS or "
            "BUNRI_SERVE__TOKENS_FILE, or listen on 127.0.0.1"
        )
    set_up_logs(settings.log, Redaction([*secrets_of(settings), *tokens]))
    return Door(tokens, _tls(settings.serve))


def host_options(settings: Settings, door: Door, *, uploads: int) -> HostOptions:
    """The limits of the host's routes; ``uploads`` may be answered at the same time."""
    return HostOptions(
        tokens=door.tokens,
        max_bytes=settings.inference.max_bytes,
        in_flight_per_token=settings.serve.in_flight_per_token,
        read_seconds=settings.serve.read_seconds,
        uploads=uploads,
    )


def http_server(app: web.Application, serve: ServeSettings, door: Door) -> HttpServer:
    """The server, which does not listen yet."""
    return HttpServer(
        app,
        serve.host,
        serve.port,
        error_answer=plain,
        drain_seconds=serve.drain_seconds,
        tls=door.tls,
        cancels=True,
    )


async def answer_until_stopped(
    server: HttpServer, state: HostState, answering: Coroutine[Any, Any, None], *, grace_seconds: float
) -> None:
    """Listen, run what answers until SIGTERM, Ctrl+C or its own end, then drain.

    Args:
        server: is started and stopped.
        state: is told that it ends.
        answering: loads and answers, until it is cancelled; what it raises is raised here.
        grace_seconds: unready, but taking requests, before it takes no further connection.

    Raises:
        OSError: the server cannot listen.

    """
    with stop_signals() as stop:
        try:
            await server.__aenter__()
        except BaseException:
            answering.close()
            raise
        task = asyncio.create_task(answering, name="answer")
        stopping = asyncio.create_task(stop.wait(), name="stop")
        try:
            click.echo(f"Bunri's inference host listens: {server.url}  (Ctrl+C stops it)")
            await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            if stop.is_set():
                click.echo("stopping: what is being answered is answered first")
                await _leave(server, state, grace_seconds)
            state.draining()
        finally:
            await server.__aexit__()
        # Only now: requests in flight need what answers them.
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _leave(server: HttpServer, state: HostState, seconds: float) -> None:
    """Let callers learn that the host ends, answering them meanwhile; then take no further connection."""
    state.leaving()
    await asyncio.sleep(seconds)
    await server.stop_listening()


def what_keeps_from_listening(error: OSError, serve: ServeSettings) -> str:
    """One sentence that an operator can act on."""
    where = f"{serve.host}, port {serve.port}"
    if error.errno == errno.EADDRINUSE:
        return f"{where} is in use by another program: stop it, or choose another with --port"
    if error.errno == errno.EACCES:
        return f"{where} needs more rights than this program has: choose a port above 1023 with --port"
    return f"cannot listen on {where}: {error.strerror or error}"


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
