"""A long-running command: logs, signals, the household, the adapters, the daily purge, the health endpoint."""

import asyncio
import contextlib
import errno

import click

from bots.messages import MessageError
from bunri.adapters import WebAdapter, chat_adapters, has_token, token_of
from bunri.failures import told_in_one_line
from bunri.health_server import health_server
from bunri.household import Household, open_household
from bunri.lifecycle import stop_signals
from bunri.log_redaction import Redaction
from bunri.log_setup import log_loop_errors, secrets_of, set_up_logs
from bunri.running import Adapter, Health, purge_daily, run_adapters
from bunri.settings import Settings
from db.errors import DatabaseError
from guides import GuideFileError


def serve(settings: Settings, *, with_web: bool, bots: tuple[str, ...]) -> None:
    """Run until SIGTERM or Ctrl+C.

    Raises:
        click.ClickException: nothing could be started, or nothing is left running; one sentence says why.

    """
    for name in bots:
        token_of(name, settings.telegram if name == "telegram" else settings.discord)
    set_up_logs(settings.log, Redaction(secrets_of(settings)))
    with told_in_one_line():
        asyncio.run(_serve(settings, with_web, bots))


def configured_bots(settings: Settings) -> tuple[str, ...]:
    """The chat platforms for which there is a token."""
    sections = {"telegram": settings.telegram, "discord": settings.discord}
    return tuple(name for name, section in sections.items() if has_token(section))


async def _serve(settings: Settings, with_web: bool, bots: tuple[str, ...]) -> None:
    log_loop_errors(asyncio.get_running_loop())
    with stop_signals() as stop:
        try:
            async with open_household(settings) as household:
                await _run(household, settings, with_web, bots, stop)
        except (GuideFileError, MessageError, DatabaseError) as error:
            raise click.ClickException(str(error)) from error


async def _run(
    household: Household, settings: Settings, with_web: bool, bots: tuple[str, ...], stop: asyncio.Event
) -> None:
    adapters: dict[str, Adapter] = {}
    health = Health(household, adapters)
    if with_web:
        adapters["web"] = WebAdapter(household, settings, health=health)
    adapters |= chat_adapters(bots, household, settings)
    purge = asyncio.create_task(purge_daily(household, settings), name="purge")
    try:
        async with contextlib.AsyncExitStack() as stack:
            if settings.health.port is not None:
                await stack.enter_async_context(health_server(health, settings.health.host, settings.health.port))
            announce = asyncio.create_task(_announce(stop))
            failures = await run_adapters(adapters, stop)
            announce.cancel()
    except OSError as error:
        where = f"{settings.health.host}, port {settings.health.port}"
        raise click.ClickException(f"the health endpoint cannot listen on {where}: {error.strerror}") from error
    finally:
        purge.cancel()
        await asyncio.gather(purge, return_exceptions=True)
    if failures and len(failures) == len(adapters):
        raise click.ClickException("; ".join(_told(name, error, settings) for name, error in failures.items()))


async def _announce(stop: asyncio.Event) -> None:
    await stop.wait()
    click.echo("stopping: what is being answered is answered first")


def _told(name: str, error: Exception, settings: Settings) -> str:
    if not isinstance(error, OSError):
        return str(error)
    host, port, way = settings.web.host, settings.web.port, "--port"
    if name == "telegram":
        host, port, way = settings.telegram.webhook_host, settings.telegram.webhook_port, "BUNRI_TELEGRAM__WEBHOOK_PORT"
    where = f"{host}, port {port}"
    if error.errno == errno.EADDRINUSE:
        return f"{where} is in use by another program: stop it, or choose another with {way}"
    if error.errno == errno.EACCES:
        return f"{where} needs more rights than this program has: choose a port above 1023 with {way}"
    return f"cannot listen on {where}: {error.strerror or error}"
