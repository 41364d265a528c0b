"""``bunri forget USER``: delete everything about one person."""

import asyncio

import click

from bots.platforms import Platform
from bunri.failures import read_settings
from bunri.household import open_database
from bunri.settings import Settings
from bunri.vault_parts import vault_parts
from db.errors import DatabaseError


@click.command("forget")
@click.argument("user")
def command(user: str) -> None:
    """Delete everything about USER: a platform and the id there, such as telegram:12345678.

    Where nothing was stored about them, that is said, and the exit code is 0 all the same.
    """
    platform, _, number = user.partition(":")
    if platform not in list(Platform) or not number:
        known = ", ".join(f"{each.value}:ID" for each in Platform)
        raise click.BadParameter(f"write it as one of {known}", param_hint="USER")
    try:
        rows, photos = asyncio.run(_forget(read_settings(), platform, number))
    except DatabaseError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"deleted: {rows} records, {photos} photos")
    if photos:
        click.echo(
            "what was exported of them lies outside the vault: `bunri export DIR --refresh` takes it out of an export, "
            "and cache/exports, where training left copies, is to be deleted",
            err=True,
        )
    if not rows and not photos:
        # No failure: what was wanted is so, and whoever gives the command a second time is not alarmed.
        click.echo(f"nothing is stored about {user}: see whether the id is right", err=True)


async def _forget(settings: Settings, platform: str, number: str) -> tuple[int, int]:
    database = await open_database(settings)
    try:
        user_key = database.secret.user_key(platform, number)
        vault = vault_parts(settings, database).vault
        photos = await vault.delete_of(user_key)
        rows = (await database.forget(user_key)).total
        # What a bot kept between the two: from here on no consent is left under which more could come.
        return rows, photos + await vault.delete_of(user_key)
    finally:
        await database.close()
