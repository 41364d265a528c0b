"""``bunri serve``: the inference host."""

import click

from bunri.failures import read_settings
from bunri.serving import serve_inference


@click.command("serve")
@click.option("--host", help="address to listen on; the setting when not given")
@click.option("--port", type=click.IntRange(0, 65_535), help="port; 0 takes a free one")
def command(host: str | None, port: int | None) -> None:
    """Answer photos over HTTP, for bots that run elsewhere, until SIGTERM or Ctrl+C; SIGHUP looks for newer weights."""
    settings = read_settings()
    if host == "":
        raise click.BadParameter("an empty address would listen to everybody", param_hint="--host")
    chosen = {"host": host, "port": port}
    serve = settings.serve.model_copy(update={key: value for key, value in chosen.items() if value is not None})
    serve_inference(settings.model_copy(update={"serve": serve}))
