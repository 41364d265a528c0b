"""What Bunri made is noted in the database, known again, and never kept as a photo."""

import asyncio
import random
from dataclasses import replace
from pathlib import Path

from bots.conversation import Conversation
from bots.messages import load_messages
from bots.platforms import Platform
from bots.request import Command, CommandSent, PhotosSent, Resident
from db.consents import ConsentState
from db.database import Database
from db.generated import Generated, Made
from guides import load_guides
from inference.fingerprint import MOST_DIFFERENT, MOST_OFF
from inference.image_format import ImageFormat
from inference.labels import Label
from tests.broken_images import encode, photo
from tests.db_rows import ANNA
from tests.scripted_inference import ScriptedInference, made_picture, verdict
from tests.vaults import folder_vault

GREY = "80" * 108
ONE = "0f" * 32 + GREY
NEAR = "0e" + "0f" * 31 + "82" * 108
OTHER_COLOURS = "0f" * 32 + "a0" * 108
FAR = "f0" * 32 + GREY


async def test_fingerprints_are_known_again_within_the_bound(database: Database) -> None:
    assert not await database.generated.holds(ONE, MOST_DIFFERENT, MOST_OFF)
    await database.generated.add([Made("paper", 7, ONE), Made("paper", 8, "a5" * 32 + GREY)])
    assert await database.generated.holds(ONE, 0, 0)
    assert await database.generated.holds(NEAR, 1, 2)
    assert not await database.generated.holds(NEAR, 0, 2)
    assert not await database.generated.holds(NEAR, 1, 1)
    assert not await database.generated.holds(OTHER_COLOURS, MOST_DIFFERENT, MOST_OFF)
    assert not await database.generated.holds("0f" * 32, MOST_DIFFERENT, MOST_OFF)
    assert not await database.generated.holds(FAR, MOST_DIFFERENT, MOST_OFF)
    assert await database.generated.count() == 2


async def test_what_another_process_made_is_known_as_well(database: Database, database_url: str) -> None:
    other = await Database.open(database_url, database.secret)
    assert not await database.generated.holds(ONE, 0, 0)
    await other.generated.add([Made("metal", 1, ONE)])
    await other.close()
    assert await database.generated.holds(ONE, 0, 0)


async def test_a_picture_made_again_is_noted_once(database: Database) -> None:
    for _ in range(3):
        await asyncio.gather(*(database.generated.add([Made("paper", 7, ONE)]) for _ in range(3)))
    assert await database.generated.count() <= 3, "only those at the same moment cannot know of each other"
    await database.generated.add([Made("paper", 7, ONE), Made("paper", 8, FAR)])
    assert await database.generated.holds(FAR, 0, 0)


async def test_among_a_hundred_thousand_one_is_found_and_the_loop_stays_free(database: Database) -> None:
    rng = random.Random(1)
    many = [Made("paper", seed, rng.randbytes(140).hex()) for seed in range(100_000)]
    for start in range(0, len(many), 10_000):
        await database.generated.add(many[start : start + 10_000])
    fresh = Generated(database.generated._store)
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    turning = asyncio.create_task(turn())
    asked = bytearray.fromhex(many[77_777].fingerprint)
    asked[0] ^= 1
    asked[139] ^= 1
    found, not_found = await asyncio.gather(
        fresh.holds(asked.hex(), MOST_DIFFERENT, MOST_OFF),
        fresh.holds(rng.randbytes(140).hex(), MOST_DIFFERENT, MOST_OFF),
    )
    turning.cancel()
    assert (found, not_found) == (True, False)
    assert turns > 100


async def test_what_other_ai_says_of_itself_is_said_and_not_kept(database: Database, tmp_path: Path) -> None:
    vault = folder_vault(tmp_path / "vault", database)
    foreign = encode(photo(), ImageFormat.JPEG) + b"trainedAlgorithmicMedia"
    inference = ScriptedInference({foreign: replace(verdict(Label.PAPER), fingerprint=FAR)})
    talk = Conversation(inference, load_guides(), load_messages(), memory=database, vault=vault)
    await database.consents.record(ANNA, "telegram", "1", given=True)
    [card, *_] = (await talk.reply(PhotosSent((foreign,)), Resident("en", "kr", Platform.TELEGRAM, ANNA, ANNA))).cards
    await talk.close()
    assert "says that AI made it" in card.notices[0]
    assert await vault.count_of(ANNA) == 0


async def test_a_made_picture_that_comes_back_is_not_kept_and_a_photo_is(database: Database, tmp_path: Path) -> None:
    vault = folder_vault(tmp_path / "vault", database)
    made = made_picture(Label.PAPER, 3)
    real = encode(photo(), ImageFormat.JPEG)
    recompressed = encode(photo(), ImageFormat.PNG)
    seen = verdict(Label.PAPER)
    inference = ScriptedInference(
        {
            made.png: seen,
            real: replace(seen, fingerprint=FAR),
            recompressed: replace(seen, fingerprint=made.fingerprint),
        },
        makes_pictures=True,
    )
    talk = Conversation(inference, load_guides(), load_messages(), memory=database, vault=vault)
    anna = Resident("en", "kr", Platform.TELEGRAM, ANNA, ANNA)
    await database.consents.record(ANNA, "telegram", "1", given=True)
    assert (await database.consents.state(ANNA)).state is ConsentState.GIVEN
    await talk.reply(CommandSent(Command.GENERATE, "paper 1 3"), anna)
    for sent, kept in ((made.png, 0), (recompressed, 0), (real, 1)):
        [card, *_] = (await talk.reply(PhotosSent((sent,)), anna)).cards
        assert any("I made this picture" in notice for notice in card.notices) is (kept == 0)
        await talk.close()
        assert await vault.count_of(ANNA) == kept
