"""``bunri discord``: the Discord bot."""

import click

from bunri.failures import read_settings
from bunri.service import serve


@click.command("discord")
def command() -> None:
    """Answer in Discord until SIGTERM or Ctrl+C; what is being answered is finished first."""
    serve(read_settings(), with_web=False, bots=("discord",))
