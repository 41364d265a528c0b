"""``bunri web``: the web page."""

import click

from bunri.failures import read_settings
from bunri.service import serve


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
    serve(settings.model_copy(update={"web": web}), with_web=True, bots=())
