"""``bunri purge``: delete what is older than the settings allow."""

import asyncio
from dataclasses import asdict, astuple
from datetime import UTC, datetime

import click

from bunri.failures import read_settings
from bunri.household import open_database, retention_of
from bunri.settings import Settings
from bunri.vault_parts import vault_parts
from db.errors import DatabaseError


@click.command("purge")
def command() -> None:
    """Delete what is older than the settings allow. The long-running commands do it once a day by themselves."""
    try:
        counts = asyncio.run(_purge(read_settings()))
    except DatabaseError as error:
        raise click.ClickException(str(error)) from error
    click.echo("deleted: " + ", ".join(f"{count} {kind}" for kind, count in counts.items()))


async def _purge(settings: Settings) -> dict[str, int]:
    database = await open_database(settings)
    try:
        now = datetime.now(UTC)
        purged = await database.purge(now, retention_of(settings))
        parts = vault_parts(settings, database)
        photos = await parts.vault.purge(now, settings.vault.unreviewed_days)
        swept = await parts.care.sweep(now)
        return {**asdict(purged), "photos": photos, "left behind in the vault": sum(astuple(swept))}
    finally:
        await database.close()
