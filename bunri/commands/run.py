"""``bunri run``: everything that is configured, in one process."""

import click

from bunri.failures import read_settings
from bunri.service import configured_bots, serve


@click.command("run")
def command() -> None:
    """Run the web page, and each chat platform that has a token, until SIGTERM or Ctrl+C."""
    settings = read_settings()
    bots = configured_bots(settings)
    if not bots and not settings.web.enabled:
        raise click.ClickException(
            "nothing to run: the web page is switched off (BUNRI_WEB__ENABLED) and no bot has a token"
        )
    serve(settings, with_web=settings.web.enabled, bots=bots)
