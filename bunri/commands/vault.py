"""``bunri vault``: the kept photos' keys, and whether all of them are there."""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TypeVar

import click

from bunri.failures import read_settings
from bunri.household import open_database
from bunri.settings import Settings
from bunri.vault_parts import VaultParts, keys_of, vault_parts
from db.database import Database
from db.errors import DatabaseError
from db.vault_care import Fault
from db.vault_key_file import KeyFile

T = TypeVar("T")

_json_option = click.option("--json", "as_json", is_flag=True, help="one JSON object")


@click.group("vault")
def command() -> None:
    """Look after the photos that residents allowed to keep, and after their keys."""


@command.command("keys")
@_json_option
def keys(as_json: bool) -> None:
    """How many photos hang on each key; a key with none, but for the newest, can be taken away."""
    settings = read_settings()

    async def look(parts: VaultParts, database: Database) -> tuple[str, dict[str | None, int]]:
        return await asyncio.to_thread(parts.keys.newest), await database.vault_index.count_by_key()

    newest, counts = _with_vault(settings, look)
    ring = keys_of(settings.vault)
    known = ring.ids() if isinstance(ring, KeyFile) else (newest,)
    ids = list(dict.fromkeys([*known, *sorted(each for each in counts if each is not None)]))
    if as_json:
        by_key = {key_id: counts.get(key_id, 0) for key_id in ids}
        click.echo(json.dumps({"newest": newest, "photos": by_key, "without_key": counts.get(None, 0)}))
        return
    for key_id in ids:
        click.echo(f"{key_id:<24} {counts.get(key_id, 0):>8} photos{'  (newest)' if key_id == newest else ''}")
    if counts.get(None):
        click.echo(f"{'(the secret alone)':<24} {counts[None]:>8} photos: `bunri vault rotate` gives them a key")


@command.command("new-key")
@click.argument("key_id", metavar="[ID]", required=False)
def new_key(key_id: str | None) -> None:
    """Add a new key to the key file; photos that are kept from now on hang on it."""
    try:
        ring = keys_of(read_settings().vault)
        if not isinstance(ring, KeyFile):
            raise click.ClickException(f"the keys come from {ring.place}: make the new one there")
        made = key_id or f"{datetime.now(UTC):%Y-%m-%d}-{secrets.token_hex(2)}"
        ring.add(made)
    except DatabaseError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{made} is the newest key of {ring.place}; `bunri vault rotate` brings the older photos to it")


@command.command("rotate")
@_json_option
def rotate(as_json: bool) -> None:
    """Wrap every photo's key with the newest key. Stopped anywhere, it goes on where it was."""
    done = _with_vault(read_settings(), lambda parts, _: parts.care.rotate())
    if as_json:
        click.echo(json.dumps(asdict(done)))
    else:
        click.echo(f"{done.rewrapped} photos wrapped with {done.newest}, {done.resealed} sealed anew with it")
    _tell(done.faults, "left as they are", as_json)


@command.command("verify")
@_json_option
def verify(as_json: bool) -> None:
    """Unseal every photo, and look for what belongs to none; exit code 1 where one cannot be had."""
    found = _with_vault(read_settings(), lambda parts, _: parts.care.verify())
    if as_json:
        click.echo(json.dumps(asdict(found)))
    else:
        click.echo(f"{found.photos} photos are whole, {found.strays} files belong to none")
        if found.strays:
            click.echo("`bunri purge` deletes what belongs to none")
    _tell(found.faults, "cannot be had", as_json)
    if found.strays:
        raise SystemExit(1)


@command.command("sweep")
def sweep() -> None:
    """Delete every file that belongs to no photo of this database, however many, if it is older than an hour."""
    swept = _with_vault(read_settings(), lambda parts, _: parts.care.sweep(datetime.now(UTC), even_most=True))
    click.echo(f"deleted: {swept.blobs} files, {swept.drafts} drafts, {swept.rows} announcements")


def _tell(faults: Iterable[Fault], what: str, as_json: bool) -> None:
    """Each reason on its line, once; exit code 1 where there is one."""
    told = list(faults)
    if not told:
        return
    if not as_json:
        photos: dict[str, list[str]] = {}
        for fault in told:
            photos.setdefault(fault.reason, []).append(fault.photo)
        for reason, those in photos.items():  # a lost key is one reason for all that hang on it
            click.echo(f"{those[0] if len(those) == 1 else f'{len(those)} photos'}: {reason}", err=True)
    raise click.ClickException(f"{len(told)} photos {what}")


def _with_vault(settings: Settings, work: Callable[[VaultParts, Database], Awaitable[T]]) -> T:
    async def run() -> T:
        database = await open_database(settings)
        try:
            return await work(vault_parts(settings, database), database)
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except DatabaseError as error:
        raise click.ClickException(str(error)) from error
