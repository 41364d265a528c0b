"""Labels that come back, on both databases."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.exc import DBAPIError

from db.database import Database
from db.errors import DatabaseError
from db.exporting.request import ExportRequest
from db.exporting.run import export
from db.importing.errors import ImportUnreadable
from db.importing.report import Report
from db.importing.run import import_labels
from db.importing.vote import Reason
from db.tables import AUDIT, LABELS, PHOTOS, VOTES
from tests.db_rows import ANNA, BORA
from tests.kept_photos import ALL_LABELS, Vault, ids_of, keep, keep_many, lots, open_vault, surroundings

OLD = "2026-05-04T10:00:00Z"
NEW = "2026-05-04T11:00:00Z"


@pytest.fixture
def vault(database: Database, tmp_path: Path) -> Vault:
    return open_vault(database, tmp_path / "vault")


async def imported(database: Database, file: Path, **given: Any) -> Report:
    return await import_labels(file, "bora", "for the test", ALL_LABELS, database, **given)


def table(tmp_path: Path, *rows: str, head: str = "item_id,label", name: str = "labels.csv") -> Path:
    file = tmp_path / name
    file.write_text("\n".join([head, *rows]) + "\n")
    return file


async def rows_of(database: Database, statement: Any) -> list[Any]:
    def read(connection: Connection) -> list[Any]:
        return list(connection.execute(statement))

    return await database._store.read(read)


async def test_labels_are_taken_in_and_what_is_wrong_is_refused_by_its_line(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    first, second = await keep_many(database, vault, 2)
    stranger = "f" * 32
    report = await imported(
        database,
        table(tmp_path, f"{first},metal", f"{second},wood", f"{stranger},paper", "../../etc/passwd,paper", f"{first}"),
    )
    assert report.accepted == 1
    assert {(each.place, each.reason) for each in report.named} == {
        ("line 3", Reason.BAD_LABEL),
        ("line 4", Reason.UNKNOWN_ITEM),
        ("line 5", Reason.BAD_ID),
        ("line 6", Reason.MALFORMED),
    }
    (label,) = await database.labels.of(first)
    assert (label.label, label.source, label.votes) == ("metal", "csv", 1)
    assert await database.labels.of(second) == []
    reviewed = await rows_of(database, select(PHOTOS.c.id).where(PHOTOS.c.reviewed_at.is_not(None)))
    assert [row.id for row in reviewed] == [first]


async def test_a_reviewed_photo_is_no_longer_purged_as_unreviewed(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    first, _ = await keep_many(database, vault, 2)
    await imported(database, table(tmp_path, f"{first},metal"))
    assert await vault.purge(datetime(2030, 1, 1, tzinfo=UTC), 90) == 1
    assert await ids_of(database, ANNA) == [first]


async def test_the_same_file_twice_changes_nothing_and_history_is_kept(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    (item,) = await keep_many(database, vault, 1)
    metal = table(tmp_path, f"{item},metal", name="metal.csv")
    paper = table(tmp_path, f"{item},paper", name="paper.csv")
    for file in (metal, metal, paper, metal):
        report = await imported(database, file)
        assert (report.accepted, report.unchanged) == (1, 0), "the same report each time"
    assert [label.label for label in await database.labels.of(item)] == ["metal", "paper"]
    assert len(await rows_of(database, select(VOTES.c.id))) == 2
    again = [deed.detail["again"] for deed in await database.audit.newest()]
    assert again == [True, False, True, False], "every run is in the audit"


async def test_a_later_file_that_says_the_same_with_its_time_changes_nothing(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    first, second = await keep_many(database, vault, 2)
    head = "item_id,label,annotator,updated_at"
    await imported(database, table(tmp_path, f"{first},metal,1,{OLD}", head=head))
    report = await imported(
        database, table(tmp_path, f"{first},metal,1,{OLD}", f"{second},paper,1,{NEW}", head=head, name="later.csv")
    )
    assert (report.accepted, report.unchanged) == (1, 1)
    assert len(await database.labels.of(first)) == 1


async def test_the_majority_counts_ties_wait_and_the_agreement_is_told(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    most, tied, one = await keep_many(database, vault, 3)
    report = await imported(
        database,
        table(
            tmp_path,
            f"{most},metal,anna@example.org",
            f"{most},metal,bora@example.org",
            f"{most},paper,chai@example.org",
            f"{tied},metal,anna@example.org",
            f"{tied},paper,bora@example.org",
            f"{one},trash,anna@example.org",
            head="item_id,label,annotator",
        ),
    )
    assert (report.accepted, report.tied) == (2, 1)
    assert report.agreement.items == 2
    assert report.agreement.share_alike == pytest.approx(0.2)
    assert [(label.label, label.votes, label.agreeing) for label in await database.labels.of(most)] == [("metal", 3, 2)]
    assert [label.label for label in await database.labels.of(tied)] == [None]
    voters = {row.annotator for row in await rows_of(database, select(VOTES.c.annotator))}
    assert len(voters) == 3
    assert not [each for each in voters if "@" in each]
    (waiting,) = await rows_of(database, select(PHOTOS.c.id).where(PHOTOS.c.reviewed_at.is_(None)))
    assert waiting.id == tied


async def test_of_one_annotator_the_newest_word_counts_and_a_contradiction_is_refused(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    first, second = await keep_many(database, vault, 2)
    report = await imported(
        database,
        table(
            tmp_path,
            f"{first},metal,1,{NEW}",
            f"{first},paper,1,{OLD}",
            f"{second},metal,1,",
            f"{second},paper,1,",
            head="item_id,label,annotator,updated_at",
        ),
    )
    assert [label.label for label in await database.labels.of(first)] == ["metal"]
    assert [(each.place, each.reason) for each in report.named] == [("line 5", Reason.CONTRADICTION)]
    assert await database.labels.of(second) == []


async def test_items_of_the_forgotten_are_refused_and_counted(database: Database, vault: Vault, tmp_path: Path) -> None:
    kept = await keep_many(database, vault, 6, (ANNA, BORA))
    file = table(tmp_path, *(f"{item},metal" for item in kept))
    before = await imported(database, file)
    assert before.accepted == 6
    await vault.delete_of(ANNA)
    await database.forget(ANNA)
    assert len(await rows_of(database, select(LABELS.c.id))) == 3, "the labels of their photos went with them"
    report = await imported(database, file)
    assert (report.accepted, report.refused) == (3, {Reason.FORGOTTEN: 3})
    assert len(await rows_of(database, select(VOTES.c.id))) == 3


async def test_a_dry_run_says_the_same_and_writes_nothing(database: Database, vault: Vault, tmp_path: Path) -> None:
    first, second = await keep_many(database, vault, 2)
    file = table(tmp_path, f"{first},metal", f"{second},wood")
    dry = await imported(database, file, is_dry_run=True)
    assert await database.labels.of(first) == []
    assert await database.audit.newest() == []
    real = await imported(database, file)
    assert {**dry.plain(), "dry_run": False} == real.plain()


async def test_precision_is_of_the_newest_labels_and_apart_for_what_was_drawn(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    items = [await keep(database, vault, number, label="paper") for number in range(8)]
    metal = await keep(database, vault, 8, label="metal")
    around = surroundings(database, tmp_path / "vault")
    folder = tmp_path / "out"
    await export(folder, ExportRequest(random_share=0.5, format="csv"), "anna", "for the test", around, _ignore)
    said = {item: "paper" if place < 6 else "cardboard" for place, item in enumerate(items)} | {metal: "metal"}
    report = await imported(database, table(tmp_path, *(f"{item},{label}" for item, label in said.items())))
    by_label = {each.label: each for each in report.precision}
    assert (by_label["paper"].photos, by_label["paper"].right) == (8, 6)
    assert by_label["paper"].random + by_label["metal"].random == min(4, lots([*items, metal], 0.5))
    assert await database.labels.precision() == report.precision
    await imported(database, table(tmp_path, f"{items[7]},paper", name="second.csv"))
    by_label = {each.label: each for each in await database.labels.precision()}
    assert (by_label["paper"].photos, by_label["paper"].right) == (8, 7)


def _ignore(_done: int, _of: int) -> None:
    """No progress is shown."""


def _label_studio(folder: Path, answers: dict[str, str]) -> Path:
    """What Label Studio would export of these tasks: some answered anew, the others as they came."""
    tasks = json.loads((folder / "labelstudio_tasks.json").read_text())
    for number, task in enumerate(tasks):
        task["id"] = number
        for annotation in task.setdefault("annotations", []):
            annotation |= {"id": number, "completed_by": 1, "lead_time": None, "created_at": OLD, "updated_at": OLD}
        if (label := answers.get(task["data"]["item_id"])) is not None:
            choice = {"id": "x", "from_name": "label", "to_name": "image", "type": "choices"}
            task["annotations"] = [
                {
                    "id": 100 + number,
                    "completed_by": {"id": 2, "email": "chai@example.org"},
                    "result": [choice | {"value": {"choices": [label]}}],
                    "was_cancelled": False,
                    "lead_time": 3.5,
                    "created_at": NEW,
                    "updated_at": NEW,
                }
            ]
    file = folder.parent / "from_label_studio.json"
    file.write_text(json.dumps(tasks))
    return file


async def test_a_round_trip_through_label_studio_takes_only_what_somebody_looked_at(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    changed = await keep(database, vault, 1, verdict="wrong", says="metal")
    untouched = await keep(database, vault, 2, verdict="right")
    new = await keep(database, vault, 3)
    alone = await keep(database, vault, 4)
    around = surroundings(database, tmp_path / "vault")
    await export(tmp_path / "out", ExportRequest(), "anna", "for the test", around, _ignore)
    report = await imported(database, _label_studio(tmp_path / "out", {changed: "metal", new: "glass"}))
    assert [each.reason for each in report.named] == [Reason.BAD_LABEL]
    assert report.named[0].place.startswith("line 1, [")
    assert report.passed == {Reason.NOT_REVIEWED: 1, Reason.NO_LABEL: 1}
    assert [label.label for label in await database.labels.of(changed)] == ["metal"]
    for item in (untouched, new, alone):
        assert await database.labels.of(item) == []


async def test_labels_come_back_into_later_exports(database: Database, vault: Vault, tmp_path: Path) -> None:
    first, second = await keep(database, vault, 1), await keep(database, vault, 2)
    await imported(database, table(tmp_path, f"{first},battery"))
    around = surroundings(database, tmp_path / "vault")
    await export(tmp_path / "all", ExportRequest(format="imagefolder"), "anna", "for the test", around, _ignore)
    assert (tmp_path / "all/battery" / f"{first}.jpg").exists()
    await export(tmp_path / "new", ExportRequest(unlabelled=True), "anna", "for the test", around, _ignore)
    assert [path.stem for path in (tmp_path / "new/images").iterdir()] == [second]


async def test_class_folders_come_back_as_they_were_sorted(database: Database, vault: Vault, tmp_path: Path) -> None:
    first, second = await keep(database, vault, 1), await keep(database, vault, 2)
    around = surroundings(database, tmp_path / "vault")
    folder = tmp_path / "out"
    await export(folder, ExportRequest(format="imagefolder"), "anna", "for the test", around, _ignore)
    (folder / "battery").mkdir()
    (folder / "unlabelled" / f"{first}.jpg").rename(folder / "battery" / f"{first}.jpg")
    report = await imported(database, folder)
    assert (report.accepted, report.refused, report.passed) == (1, {}, {Reason.NO_LABEL: 1})
    assert [label.label for label in await database.labels.of(first)] == ["battery"]
    assert await database.labels.of(second) == []


async def test_the_audit_cannot_be_changed(database: Database, vault: Vault, tmp_path: Path) -> None:
    (item,) = await keep_many(database, vault, 1)
    await imported(database, table(tmp_path, f"{item},metal"))
    statements: list[Callable[[Connection], object]] = [
        lambda connection: connection.execute(update(AUDIT).values(reason="another")),
        lambda connection: connection.execute(delete(AUDIT)),
    ]
    for statement in statements:
        with pytest.raises((DatabaseError, DBAPIError), match="only added"):
            await database._store.write(statement)
    (deed,) = await database.audit.newest()
    assert (deed.actor, deed.reason) == ("bora", "for the test")


async def test_a_file_that_ends_in_nonsense_writes_nothing(database: Database, vault: Vault, tmp_path: Path) -> None:
    (item,) = await keep_many(database, vault, 1)
    file = tmp_path / "cut.json"
    file.write_text(json.dumps([{"item_id": item, "label": "metal"}])[:-1] + ', {"item_id": ')
    with pytest.raises(ImportUnreadable, match="line 1"):
        await imported(database, file)
    assert await rows_of(database, select(func.count()).select_from(LABELS)) == [(0,)]
    assert await database.audit.newest() == []
