"""``bunri admin``: tokens for the admin page."""

import click

from bots.web.admin import new_token, token_digest
from bunri.admins import NAME, read_people
from bunri.failures import read_settings


@click.group("admin")
def command() -> None:
    """Let people into the admin page."""


@command.command("token")
@click.argument("name")
def token(name: str) -> None:
    """Make a token for NAME, and say what to set. The token is shown once: Bunri keeps only its digest."""
    if not NAME.fullmatch(name):
        raise click.BadParameter("letters, digits and . _ @ - only, 64 at most", param_hint="NAME")
    made = new_token()
    click.echo(f"for {name}, shown once:  {made}")
    click.echo(f"add to BUNRI_ADMIN__TOKENS, or as a line to its file:  {name}:{token_digest(made)}")
    if name not in read_people(read_settings().admin.people):
        click.echo(f"{name} has no role yet: add {name}:reviewer or {name}:exporter to BUNRI_ADMIN__PEOPLE", err=True)
