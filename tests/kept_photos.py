"""A vault with photos in it, and the log of what was said of them."""

import asyncio
import base64
import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image
from sqlalchemy import Connection, update

from bunri.photo_look import ALIKE, look
from db.database import Database
from db.exporting.plan import bound_of, chance_of
from db.exporting.run import Surroundings
from db.feedback import Verdict
from db.queries import Query
from db.tables import PHOTOS
from db.vault import PhotoVault
from db.vault_keys import WrittenKeys
from inference.cleaned import cleaned_photo
from inference.labels import LABELS
from tests.db_rows import ANNA, NOW, query
from tests.vaults import Kept, agree, folder_vault

ALL_LABELS: Final = tuple(str(each) for each in LABELS)


Vault = PhotoVault
"""The vault that tests of exports and imports keep photos in."""

KEYS: Final = "first:" + base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("=")
"""As ``BUNRI_VAULT__KEYS`` has them."""


def open_vault(database: Database, folder: Path, keys: str = KEYS) -> PhotoVault:
    """The vault in this folder."""
    return folder_vault(folder, database, WrittenKeys(keys, "the test's keys"))


async def ids_of(database: Database, user_key: str) -> list[str]:
    """The ids of a resident's photos."""
    return [row.id for row in await database.vault_index.of(user_key)]


async def damage(database: Database, folder: Path, item_id: str) -> None:
    """Spoil what was sealed of a kept photo."""
    row = await database.vault_index.find(item_id)
    assert row is not None
    await asyncio.to_thread(_spoil, folder, row.blob)


def _spoil(folder: Path, blob: str) -> None:
    (file,) = folder.rglob(f"{blob}*")
    sealed = file.read_bytes()
    file.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))


def photo(number: int, *, quality: int = 95, side: int = 96) -> bytes:
    """A JPEG of coarse noise, another one for each number, with a comment and EXIF that must not get anywhere."""
    noise = np.random.default_rng(number).integers(0, 256, (12, 12, 3), dtype=np.uint8)
    image = Image.fromarray(noise).resize((side, side), Image.Resampling.BILINEAR)
    exif = Image.Exif()
    exif[0x010E] = "Anna Kim, 37.5665 N"
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality, exif=exif, comment=b"taken by Anna Kim")
    return file.getvalue()


def given(data: bytes, query_id: str, user_key: str, platform: str = "telegram") -> Kept:
    """A photo on its way into the vault, as it comes from the cleaning."""
    made = cleaned_photo(data)
    return Kept(
        user_key=user_key,
        data=made.data,
        pixels=made.pixels,
        query_id=query_id,
        platform=platform,
        width=made.width,
        height=made.height,
    )


async def keep(
    database: Database,
    vault: Vault,
    number: int,
    *,
    user_key: str = ANNA,
    platform: str = "telegram",
    label: str = "paper",
    margin: float = 0.5,
    verdict: Verdict | None = None,
    says: str | None = None,
    at: datetime = NOW,
    language: str = "ko",
    data: bytes | None = None,
) -> str:
    """Log a photo, keep it, let its resident say something; its id in the vault."""
    confidence = (1 + margin) / 2
    other = "metal" if label != "metal" else "paper"
    logged: Query = query(
        user_key,
        at,
        platform=platform,
        label=label,
        language=language,
        confidence=confidence,
        probabilities={label: confidence, other: 1 - confidence},
    )
    await database.queries.add(logged)
    if verdict is not None:
        await database.feedback.say(logged.id, user_key, verdict, says)
    before = set(await ids_of(database, user_key))
    await agree(database, user_key)
    await vault.store(given(data or photo(number), logged.id, user_key, platform))
    (kept,) = set(await ids_of(database, user_key)) - before

    def date(connection: Connection) -> None:
        connection.execute(update(PHOTOS).where(PHOTOS.c.id == kept).values(at=at))

    await database._store.write(date)
    return kept


async def keep_many(database: Database, vault: Vault, count: int, users: Sequence[str] = (ANNA,)) -> list[str]:
    """So many photos, of all labels, some of them said to be wrong."""
    return [
        await keep(
            database,
            vault,
            number,
            user_key=users[number % len(users)],
            label=ALL_LABELS[number % len(ALL_LABELS)],
            margin=number % 10 / 10,
            verdict="wrong" if number % 7 == 0 else "right" if number % 5 == 0 else None,
            says="trash" if number % 7 == 0 else None,
        )
        for number in range(count)
    ]


def surroundings(database: Database, folder: Path) -> Surroundings:
    """As the command line makes them."""
    return Surroundings(database, open_vault(database, folder), look, ALIKE, ALL_LABELS, "Bunri test")


def bare_rows(ids: Sequence[str]) -> list[dict[str, Any]]:
    """Rows of photos whose blobs are nowhere."""
    row = {"at": NOW, "query_id": "K7QF2M3X", "user_key": ANNA, "platform": "web", "size": 1}
    terms = {"licence": "web-opted-in", "consent_version": "1"}
    return [{"id": each, "blob": each, **row, **terms} for each in ids]


def lots(photos: list[str], share: float, seed: int = 0) -> int:
    """How many of these photos may be drawn at random."""
    return sum(chance_of(each, seed) < bound_of(share) for each in photos)
