"""``bunri telegram``: the Telegram bot."""

import click

from bunri.failures import read_settings
from bunri.service import serve


@click.command("telegram")
def command() -> None:
    """Answer in Telegram until SIGTERM or Ctrl+C; what is being answered is finished first."""
    serve(read_settings(), with_web=False, bots=("telegram",))
