"""Words on single photos: labels, rejections, what is taken back; on both databases."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from db.audit import Deed
from db.database import Database
from db.errors import PhotoForgotten, PhotoMissing, PhotoRejected
from db.exporting.planning import queue_of
from db.exporting.request import ExportRequest
from db.importing.run import import_labels
from db.labels import Import
from db.reviews import SOURCE, Rejection, new_sitting
from db.tables import PHOTOS, VOTES
from tests.databases import SECRET
from tests.db_rows import ANNA, BORA
from tests.kept_photos import ALL_LABELS, keep, open_vault

MORNING = datetime(2026, 5, 5, 8, tzinfo=UTC)
NOON = datetime(2026, 5, 5, 12, tzinfo=UTC)


async def sitting_of(database: Database, actor: str = "chai") -> Import:
    return await database.labels.begin(new_sitting(), SOURCE, Deed(actor, "import", "on the admin page"))


async def reviewed_at(database: Database, photo: str) -> datetime | None:
    def read(connection: Connection) -> datetime | None:
        return connection.scalar(select(PHOTOS.c.reviewed_at).where(PHOTOS.c.id == photo))

    return await database._store.read(read)


async def votes_on(database: Database, photo: str) -> list[tuple[str, str]]:
    def read(connection: Connection) -> list[tuple[str, str]]:
        rows = connection.execute(select(VOTES.c.annotator, VOTES.c.label).where(VOTES.c.photo_id == photo))
        return [(row.annotator, row.label) for row in rows]

    return await database._store.read(read)


async def queued(database: Database, request: ExportRequest | None = None) -> dict[str, str]:
    """The photos that come up, each with its label."""
    queue = await queue_of(request or ExportRequest(), 0, 100, database)
    assert queue.matching == len(queue.items)
    return {each.item_id: each.label for each in queue.items}


async def test_a_word_is_kept_as_an_imports_label_is_and_the_newest_counts(database: Database, tmp_path: Path) -> None:
    photo = await keep(database, open_vault(database, tmp_path), 1, label="paper", margin=0.2)
    sitting = await sitting_of(database)
    await database.reviews.say(photo, "metal", sitting, at=MORNING)
    await database.reviews.say(photo, "plastic", sitting, at=NOON)
    found = await database.labels.of(photo)
    assert [(each.at, each.label, each.source, each.votes) for each in found] == [
        (MORNING, "metal", "admin-page", 1),
        (NOON, "plastic", "admin-page", 1),
    ]
    assert {each.import_id for each in found} == {sitting.id}
    assert await votes_on(database, photo) == [(SECRET.user_key("annotator", "chai"), "plastic")]
    assert await reviewed_at(database, photo) == MORNING
    assert await queued(database) == {photo: "plastic"}
    assert await queued(database, ExportRequest(unlabelled=True)) == {}
    [figure] = await database.labels.precision()
    assert (figure.label, figure.photos, figure.right) == ("paper", 1, 0)


async def test_what_is_taken_back_counts_no_longer_and_stays_as_history(database: Database, tmp_path: Path) -> None:
    photo = await keep(database, open_vault(database, tmp_path), 1)
    sitting, another = await sitting_of(database), await sitting_of(database, "dora")
    first = await database.reviews.say(photo, "metal", sitting, at=MORNING)
    second = await database.reviews.say(photo, "plastic", sitting, at=NOON)
    assert await database.reviews.take_back(second, another) is None, "another's word"
    assert await database.reviews.take_back(second, sitting) == photo
    assert await database.reviews.take_back(second, sitting) is None, "once is enough"
    assert await queued(database) == {photo: "metal"}
    assert [label for _, label in await votes_on(database, photo)] == ["metal"]
    await database.reviews.take_back(first, sitting)
    assert await queued(database, ExportRequest(unlabelled=True)) == {photo: ""}
    assert await votes_on(database, photo) == []
    assert await reviewed_at(database, photo) is None
    assert await database.labels.precision() == ()
    assert [each.withdrawn_at is not None for each in await database.labels.of(photo)] == [True, True]


async def test_a_rejected_photo_comes_up_no_more_and_is_kept_no_longer(database: Database, tmp_path: Path) -> None:
    vault = open_vault(database, tmp_path)
    photo, other = await keep(database, vault, 1), await keep(database, vault, 2)
    sitting = await sitting_of(database)
    await database.reviews.say(photo, "paper", sitting, at=MORNING)
    word = await database.reviews.say(photo, Rejection.PERSONAL, sitting, at=NOON)
    assert (await database.labels.of(photo))[-1].rejected == "personal"
    assert set(await queued(database)) == {other}
    assert await database.exports.kept([photo, other]) == {other}
    assert await database.labels.precision() == ()
    assert await reviewed_at(database, photo) is None
    with pytest.raises(PhotoRejected):
        await database.reviews.say(photo, "metal", await sitting_of(database, "dora"))
    assert set(await queued(database)) == {other}
    counts = await database.reviews.counts()
    assert (counts.kept, counts.labelled, counts.rejected, counts.left, counts.by_label) == (2, 0, 1, 1, {})
    await database.reviews.take_back(word, sitting)
    assert await queued(database) == {photo: "paper", other: ""}
    assert await reviewed_at(database, photo) == MORNING
    assert (await database.reviews.counts()).by_label == {"paper": 1}


async def test_who_rejected_a_photo_by_mistake_gives_it_a_label(database: Database, tmp_path: Path) -> None:
    photo = await keep(database, open_vault(database, tmp_path), 1)
    await database.reviews.say(photo, Rejection.PERSONAL, await sitting_of(database), at=MORNING)
    await database.reviews.say(photo, "metal", await sitting_of(database), at=NOON)
    assert await queued(database) == {photo: "metal"}
    assert await reviewed_at(database, photo) == NOON


async def test_an_imported_label_does_not_make_up_for_a_rejection(database: Database, tmp_path: Path) -> None:
    """It may have been given by somebody who had not seen why; and the photo is kept no longer for it."""
    vault = open_vault(database, tmp_path / "vault")
    photo, sitting = await keep(database, vault, 1), await sitting_of(database)
    word = await database.reviews.say(photo, Rejection.PERSONAL, sitting)
    table = tmp_path / "labels.csv"
    table.write_text(f"item_id,label\n{photo},metal\n")
    report = await import_labels(table, "bora", "for the test", ALL_LABELS, database)
    assert (report.accepted, report.of_no_use, report.precision) == (0, 1, ())
    assert await queued(database) == {}
    assert await reviewed_at(database, photo) is None
    await database.reviews.take_back(word, sitting)
    assert await queued(database) == {photo: "metal"}
    assert await reviewed_at(database, photo) is not None


async def test_people_at_the_same_photos_at_once_wait_for_each_other(database: Database, tmp_path: Path) -> None:
    vault = open_vault(database, tmp_path / "vault")
    photos = [await keep(database, vault, number) for number in range(8)]
    one, two = await sitting_of(database), await sitting_of(database, "dora")
    words = [await database.reviews.say(each, "paper", one, at=MORNING) for each in photos]
    table = tmp_path / "labels.csv"
    table.write_text("item_id,label\n" + "".join(f"{each},plastic\n" for each in reversed(photos)))
    await asyncio.gather(
        *(database.reviews.say(each, "metal", two, at=NOON) for each in photos),
        *(database.reviews.take_back(word, one) for word in words),
        import_labels(table, "bora", "for the test", ALL_LABELS, database),
    )
    assert all([await reviewed_at(database, each) for each in photos]), "labelled photos are reviewed ones"


async def test_a_photo_that_is_gone_takes_no_word(database: Database, tmp_path: Path) -> None:
    vault = open_vault(database, tmp_path)
    forgotten, purged = await keep(database, vault, 1, user_key=BORA), await keep(database, vault, 2, user_key=ANNA)
    sitting = await sitting_of(database)
    await vault.delete_of(BORA)
    with pytest.raises(PhotoForgotten, match="resident's wish"):
        await database.reviews.say(forgotten, "metal", sitting)
    await vault.purge(datetime(2027, 5, 5, tzinfo=UTC), 1)
    with pytest.raises(PhotoMissing) as raised:
        await database.reviews.say(purged, Rejection.UNREADABLE, sitting)
    assert not isinstance(raised.value, PhotoForgotten)


async def test_the_queue_is_in_the_order_of_the_export_and_comes_in_pieces(database: Database, tmp_path: Path) -> None:
    vault = open_vault(database, tmp_path)
    sure = await keep(database, vault, 1, margin=0.9)
    unsure = await keep(database, vault, 2, margin=0.1)
    wrong = await keep(database, vault, 3, margin=0.9, verdict="wrong", says="metal")
    by_use = ExportRequest(random_share=0.0)
    assert list(await queued(database, by_use)) == [wrong, unsure, sure]
    queue = await queue_of(by_use, 1, 1, database)
    assert (queue.matching, [each.item_id for each in queue.items]) == (3, [unsure])
