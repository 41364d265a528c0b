"""``bunri web``: the web page."""

import asyncio
import errno

import click

from bots.messages import MessageError
from bots.web import WebServer, create_app
from bunri.failures import read_settings, told_in_one_line
from bunri.lifecycle import stop_signals
from bunri.settings import Settings
from bunri.wiring import open_conversation, open_inference, web_options
from guides import GuideFileError


@click.command("web")
@click.option("--host", help="address to listen on; the setting when not given")
@click.option("--port", type=click.IntRange(0, 65_535), help="port; 0 takes a free one")
def command(host: str | None, port: int | None) -> None:
    """Serve the web page until SIGTERM or Ctrl+C; photos in flight are answered first."""
    settings = read_settings()
    if host == "":
        raise click.BadParameter("an empty address would listen to everybody", param_hint="--host")
    chosen = {"host": host, "port": port}
    web = settings.web.model_copy(update={key: value for key, value in chosen.items() if value is not None})
    with told_in_one_line():
        asyncio.run(_serve(settings.model_copy(update={"web": web})))


async def _serve(settings: Settings) -> None:
    with stop_signals() as stop:
        inference = await open_inference(settings.inference)
        try:
            conversation, messages = await open_conversation(inference)
            app = create_app(conversation, messages, web_options(settings))
            async with WebServer(app, settings.web.host, settings.web.port) as server:
                click.echo(f"Bunri is ready: {server.url}  (Ctrl+C stops it)")
                await stop.wait()
                click.echo("stopping: photos in flight are answered first")
        except (GuideFileError, MessageError) as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            raise click.ClickException(_cannot_listen(error, settings)) from error
        finally:
            await inference.close()


def _cannot_listen(error: OSError, settings: Settings) -> str:
    where = f"{settings.web.host}, port {settings.web.port}"
    if error.errno == errno.EADDRINUSE:
        return f"{where} is in use by another program: stop it, or choose another with --port"
    if error.errno == errno.EACCES:
        return f"{where} needs more rights than this program has: choose a port above 1023 with --port"
    return f"cannot listen on {where}: {error.strerror or error}"
