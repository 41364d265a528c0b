"""Exports of kept photos, on both databases, from a real vault."""

import csv
import hashlib
import json
import re
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image

from db.audit import Deed
from db.database import Database
from db.exporting.errors import ExportInterrupted, ExportRefused
from db.exporting.formats import FORMATS
from db.exporting.plan import bound_of, chance_of
from db.exporting.request import ExportRequest
from db.exporting.run import Report, export
from tests.databases import SECRET
from tests.db_rows import ANNA, BORA, NOW
from tests.kept_photos import (
    ALL_LABELS,
    KEYS,
    Vault,
    damage,
    given,
    ids_of,
    keep,
    keep_many,
    lots,
    open_vault,
    photo,
    surroundings,
)
from tests.vaults import agree

DAY = timedelta(days=1)


@pytest.fixture
def vault(database: Database, tmp_path: Path) -> Vault:
    return open_vault(database, tmp_path / "vault")


async def exported(database: Database, tmp_path: Path, name: str = "out", **asked: Any) -> tuple[Report, Path]:
    folder = tmp_path / name
    report = await export(
        folder, ExportRequest(**asked), "anna", "for the test", surroundings(database, tmp_path / "vault"), ignore
    )
    return report, folder


def ignore(_done: int, _of: int) -> None:
    """No progress is shown."""


def rows(folder: Path, name: str = "metadata.csv") -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_an_export_is_whole_and_its_manifest_is_right(database: Database, vault: Vault, tmp_path: Path) -> None:
    kept = await keep_many(database, vault, 14, (ANNA, BORA))
    report, folder = await exported(database, tmp_path)
    found = files_of(folder)
    assert {name for name in found if not name.startswith("images/")} == {
        "metadata.csv",
        "labelstudio_tasks.json",
        "labelstudio_config.xml",
        "classes.txt",
        "DATASET_CARD.md",
        "manifest.json",
    }
    manifest = json.loads(found.pop("manifest.json"))
    assert {file["path"]: file["sha256"] for file in manifest["files"]} == {
        name: hashlib.sha256(content).hexdigest() for name, content in found.items()
    }
    assert manifest["counts"] == report.counts
    assert report.counts["photos"] == report.counts["matching"] == 14
    assert report.counts["random"] == min(2, lots(kept, 0.15))
    assert {row["item_id"] for row in rows(folder)} == set(kept)
    assert all(row["label"] == row["user_label"] for row in rows(folder))
    assert (folder / "classes.txt").read_text().split() == list(ALL_LABELS)
    assert folder.stat().st_mode & 0o777 == 0o700


async def test_the_wrong_the_unsure_and_the_rare_come_first(database: Database, vault: Vault, tmp_path: Path) -> None:
    sure = await keep(database, vault, 1, margin=0.9)
    unsure = await keep(database, vault, 2, margin=0.1)
    wrong = await keep(database, vault, 3, margin=0.8, verdict="wrong", says="metal")
    rare = await keep(database, vault, 4, margin=0.9, label="battery")
    _, folder = await exported(database, tmp_path, random_share=0.0)
    assert [row["item_id"] for row in rows(folder)] == [wrong, unsure, rare, sure]


async def test_the_random_share_does_not_hang_on_usefulness_and_repeats(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    kept = await keep_many(database, vault, 40)
    _, first = await exported(database, tmp_path, "first", limit=10, random_share=0.5, seed=3)
    _, second = await exported(database, tmp_path, "second", limit=10, random_share=0.5, seed=3)
    _, other = await exported(database, tmp_path, "other", limit=10, random_share=0.5, seed=4)

    def drawn(folder: Path) -> list[str]:
        return [row["item_id"] for row in rows(folder) if row["is_random"] == "true"]

    assert drawn(first) == drawn(second) != drawn(other)
    assert len(drawn(first)) == min(5, lots(kept, 0.5, seed=3))
    places = [place for place, row in enumerate(rows(first)) if row["is_random"] == "true"]
    assert max(places) - min(places) > 5, "they lie among the others"


async def test_those_left_over_by_usefulness_are_not_drawn_in_place_of_the_rest(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    """Else the share would be of what the model finds easy, once the hard photos are labelled."""
    kept = await keep_many(database, vault, 30)
    share = 0.3
    designated = {each for each in kept if chance_of(each, 0) < bound_of(share)}
    sitting = await database.labels.begin("0" * 64, "csv", Deed("bora", "import", "for the test"))
    for each in designated:
        await database.reviews.say(each, "paper", sitting)
    report, folder = await exported(database, tmp_path, random_share=share, unlabelled=True)
    assert report.counts["photos"] == 30 - len(designated)
    assert all(row["is_random"] == "false" for row in rows(folder))


@pytest.mark.parametrize("asked", [{"labels": ("paper", "metal")}, {"most_margin": 1.0}, {"disagreement": True}])
async def test_where_a_filter_asks_for_the_hard_ones_none_counts_as_drawn(
    asked: dict[str, Any], database: Database, vault: Vault, tmp_path: Path
) -> None:
    for number in range(6):
        await keep(database, vault, number, label="paper", margin=0.1, verdict="wrong", says="metal")
    report, folder = await exported(database, tmp_path, random_share=1.0, **asked)
    assert report.counts["photos"] == 6
    assert report.counts["random"] == 0
    assert all(row["is_random"] == "false" for row in rows(folder))
    assert "no ordinary day" in (folder / "DATASET_CARD.md").read_text()


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({"since": NOW - DAY, "until": NOW + DAY}, {"now", "discord", "metal", "english"}),
        ({"until": NOW - DAY}, {"old"}),
        ({"labels": ("metal",)}, {"metal", "old"}),
        ({"platforms": ("web",)}, {"english"}),
        ({"languages": ("en",)}, {"english"}),
        ({"most_margin": 0.2}, {"metal"}),
        ({"disagreement": True}, {"old"}),
        ({"with_discord": False}, {"now", "metal", "english", "old"}),
    ],
)
async def test_filters_choose(
    database: Database, vault: Vault, tmp_path: Path, asked: dict[str, Any], wanted: set[str]
) -> None:
    kept = {
        await keep(database, vault, 1): "now",
        await keep(database, vault, 2, platform="discord", user_key=BORA): "discord",
        await keep(database, vault, 3, label="metal", margin=0.1): "metal",
        await keep(database, vault, 4, platform="web", language="en"): "english",
        await keep(database, vault, 5, at=NOW - 40 * DAY, verdict="wrong", says="metal"): "old",
    }
    _, folder = await exported(database, tmp_path, **{"with_discord": True, **asked})
    assert {kept[row["item_id"]] for row in rows(folder)} == wanted


async def test_photos_whose_query_is_no_longer_in_the_log_are_exported_without_a_guess(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    await keep(database, vault, 1)
    await database.purge(NOW + 400 * DAY, _long())
    _, folder = await exported(database, tmp_path)
    (row,) = rows(folder)
    assert (row["label"], row["pred_label"], row["pred_score"], row["language"]) == ("", "", "", "")
    (task,) = json.loads((folder / "labelstudio_tasks.json").read_text())
    assert "predictions" not in task


def _long() -> Any:
    from db.retention import Retention

    return Retention()


async def test_what_looks_nearly_alike_is_one_group_across_people(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    await keep(database, vault, 1, margin=0.1)
    await keep(database, vault, 1, user_key=BORA, margin=0.9, data=photo(1, quality=60, side=120))
    await keep(database, vault, 2, user_key=BORA, margin=0.5)
    other = SECRET.user_key("web", "3")
    await keep(database, vault, 3, user_key=other, margin=0.95)
    report, folder = await exported(database, tmp_path, "all", random_share=0.0)
    first, second, third, fourth = rows(folder)
    assert (first["duplicate_of"], third["duplicate_of"]) == ("", first["item_id"])
    assert first["group_id"] == second["group_id"] == third["group_id"] != fourth["group_id"]
    assert report.counts["near_duplicates"] == 1

    fewer, folder = await exported(database, tmp_path, "diverse", random_share=0.0, diverse=True, limit=3)
    assert fewer.counts["looks_alike"] == 1
    assert [row["item_id"] for row in rows(folder)] == [each["item_id"] for each in (first, second, fourth)]


async def test_nothing_that_leads_to_a_person_leaves(database: Database, vault: Vault, tmp_path: Path) -> None:
    await keep_many(database, vault, 6, (ANNA, BORA))
    queries = [each.id for key in (ANNA, BORA) for each in (await database.my_data(key)).queries]
    groups = []
    for name in FORMATS:
        _, folder = await exported(database, tmp_path, name, format=name)
        for path, content in files_of(folder).items():
            for secret in (ANNA, BORA, "1001", "2002", "Anna Kim", "37.5665", *queries):
                # A number of four digits may stand in a hash by chance; not by itself.
                assert not re.search(rb"(?<![0-9a-f])" + re.escape(secret.encode()) + rb"(?![0-9a-f])", content), path
            assert b"Exif" not in content
            if path.endswith(".jpg"):
                with Image.open(folder / path) as image:
                    assert not image.getexif()
                    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        groups.append({row["group_id"] for row in rows(folder)})
    assert all(len(each) == 2 for each in groups)
    assert len(set.union(*groups)) == 2 * len(groups), "each export has group ids of its own"


async def test_a_photo_with_metadata_in_the_vault_is_cleaned_once_more(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    await agree(database, ANNA)
    await vault.store(replace(given(photo(1), "K7QF2M3X", ANNA), data=photo(1) + b"PK trailing"))
    _, folder = await exported(database, tmp_path)
    (file,) = (folder / "images").iterdir()
    assert not [each for each in (b"Anna", b"Exif", b"trailing") if each in file.read_bytes()]


async def test_each_format_has_its_own_files(database: Database, vault: Vault, tmp_path: Path) -> None:
    wrong = await keep(database, vault, 1, verdict="wrong", says="metal")
    unknown = await keep(database, vault, 2)

    _, folder = await exported(database, tmp_path, "ls", image_root="kept/out/")
    tasks = {task["data"]["item_id"]: task for task in json.loads((folder / "labelstudio_tasks.json").read_text())}
    assert tasks[wrong]["data"]["image"] == f"/data/local-files/?d=kept/out/images/{wrong}.jpg"
    assert tasks[wrong]["annotations"][0]["result"][0]["value"] == {"choices": ["metal"]}
    assert tasks[unknown]["predictions"][0]["result"][0]["value"] == {"choices": ["paper"]}
    assert tasks[unknown]["predictions"][0]["score"] == 0.75
    assert "annotations" not in tasks[unknown]
    config = ElementTree.parse(folder / "labelstudio_config.xml")
    assert [each.get("value") for each in config.iter("Choice")] == list(ALL_LABELS)

    _, folder = await exported(database, tmp_path, "folders", format="imagefolder")
    assert (folder / "metal" / f"{wrong}.jpg").exists()
    assert (folder / "unlabelled" / f"{unknown}.jpg").exists()

    _, folder = await exported(database, tmp_path, "hf", format="huggingface")
    lines = [json.loads(line) for line in (folder / "data/train/metadata.jsonl").read_text().splitlines()]
    assert {line["file_name"]: line["label"] for line in lines} == {f"{wrong}.jpg": "metal", f"{unknown}.jpg": None}
    assert {row["file_name"] for row in rows(folder)} == {f"data/train/{each}.jpg" for each in (wrong, unknown)}

    _, folder = await exported(database, tmp_path, "cvat", format="cvat")
    images = {each.get("name"): each for each in ElementTree.parse(folder / "annotations.xml").iter("image")}
    assert [tag.get("label") for tag in images[f"{wrong}.jpg"]] == ["metal"]
    assert len(images[f"{unknown}.jpg"]) == 0, "the model's guess is nobody's word"

    _, folder = await exported(database, tmp_path, "csv", format="csv")
    assert {(row["item_id"], row["label"], row["suggestion"]) for row in rows(folder, "to_label.csv")} == {
        (wrong, "", "metal"),
        (unknown, "", "paper"),
    }


async def test_who_and_why_are_noted_before_the_first_photo_is_read(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    await keep(database, vault, 1)
    noted: list[str] = []

    class Watching:
        async def read(self, number: str, /) -> bytes:
            noted.extend(deed.reason for deed in await database.audit.newest())
            return await vault.read(number)

    around = surroundings(database, tmp_path / "vault")
    request = ExportRequest(limit=5)
    report = await export(tmp_path / "out", request, "anna", "first", _with(around, photos=Watching()), ignore)
    assert noted == ["first"]
    (deed,) = await database.audit.newest()
    assert (deed.actor, deed.action, deed.detail["limit"], deed.detail["resumed"]) == ("anna", "export", 5, False)
    noted_export = await database.exports.get(report.export_id)
    assert noted_export is not None
    assert noted_export.counts == report.counts
    assert noted_export.manifest_sha256 == hashlib.sha256((tmp_path / "out/manifest.json").read_bytes()).hexdigest()


def _with(around: Any, **changed: Any) -> Any:
    return replace(around, **changed)


async def test_ids_that_were_asked_for_are_kept_nowhere_and_leave_with_their_photos_only(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    mine = await keep(database, vault, 1)
    theirs = await keep(database, vault, 2, user_key=BORA)
    await vault.delete_of(BORA)
    await database.forget(BORA)
    report, folder = await exported(database, tmp_path, items=(mine, theirs))
    assert report.counts["photos"] == 1
    assert all(theirs.encode() not in content for content in files_of(folder).values())
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["request"]["items"]["count"] == 2
    assert "- items: 2 by their ids" in (folder / "DATASET_CARD.md").read_text()
    (deed,) = await database.audit.newest()
    noted = await database.exports.get(report.export_id)
    assert noted is not None
    assert theirs not in json.dumps([deed.detail, noted.request])


async def test_no_moment_that_was_asked_for_leaves_and_an_empty_folder_becomes_its_owners(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    await keep(database, vault, 1)
    (tmp_path / "out").mkdir(mode=0o755)
    since, until = NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)
    report, folder = await exported(database, tmp_path, since=since, until=until)
    assert report.counts["photos"] == 1
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    asked = json.loads((folder / "manifest.json").read_text())["request"]
    assert asked["since"] == f"{since:%Y-%m}"
    assert f"{since:%H:%M}" not in (folder / "DATASET_CARD.md").read_text()
    (deed,) = await database.audit.newest()
    assert deed.detail["since"] == since.isoformat()


async def test_who_is_forgotten_is_in_no_later_export(database: Database, vault: Vault, tmp_path: Path) -> None:
    await keep_many(database, vault, 6, (ANNA, BORA))
    await vault.delete_of(ANNA)
    await database.forget(ANNA)
    report, folder = await exported(database, tmp_path)
    assert report.counts["photos"] == 3
    assert {row["item_id"] for row in rows(folder)} == set(await ids_of(database, BORA))


@pytest.mark.parametrize("after", [0, 2, 5])
async def test_who_is_forgotten_while_it_runs_is_taken_out_of_it(
    database: Database, vault: Vault, tmp_path: Path, after: int
) -> None:
    await keep_many(database, vault, 6, (ANNA, BORA))
    reads = 0

    class Forgetting:
        async def read(self, number: str, /) -> bytes:
            nonlocal reads
            reads += 1
            if reads == after + 1:
                await vault.delete_of(ANNA)
                await database.forget(ANNA)
            return await vault.read(number)

    around = _with(surroundings(database, tmp_path / "vault"), photos=Forgetting())
    report = await export(tmp_path / "out", ExportRequest(), "anna", "for the test", around, ignore)
    left = set(await ids_of(database, BORA))
    assert {row["item_id"] for row in rows(tmp_path / "out")} == left
    assert {path.stem for path in (tmp_path / "out/images").iterdir()} == left
    assert (report.counts["photos"], report.counts["gone"]) == (3, 3)


async def test_a_damaged_photo_is_named_and_the_others_go(database: Database, vault: Vault, tmp_path: Path) -> None:
    kept = await keep_many(database, vault, 4)
    await damage(database, tmp_path / "vault", kept[1])
    report, folder = await exported(database, tmp_path)
    assert (report.counts["photos"], report.counts["unreadable"], report.unreadable) == (3, 1, [kept[1]])
    assert len(list((folder / "images").iterdir())) == 3


async def test_another_secret_ends_it_with_what_is_wrong(database: Database, vault: Vault, tmp_path: Path) -> None:
    await keep_many(database, vault, 9)
    stranger = open_vault(database, tmp_path / "vault", KEYS.replace("A", "B"))
    around = _with(surroundings(database, tmp_path / "vault"), photos=stranger)
    with pytest.raises(ExportInterrupted, match="another secret"):
        await export(tmp_path / "out", ExportRequest(), "anna", "for the test", around, ignore)
    assert not (tmp_path / "out/manifest.json").exists()


def _finished(folder: Path) -> None:
    folder.mkdir()
    (folder / "manifest.json").write_text("{}")


def _foreign(folder: Path) -> None:
    folder.mkdir()
    (folder / "holiday.jpg").write_text("mine")


@pytest.mark.parametrize(("prepare", "says"), [(_finished, "finished export"), (_foreign, "not empty")])
async def test_a_folder_with_something_else_in_it_is_left_alone(
    database: Database, tmp_path: Path, prepare: Callable[[Path], None], says: str
) -> None:
    prepare(tmp_path / "out")
    before = files_of(tmp_path / "out")
    with pytest.raises(ExportRefused, match=says):
        await exported(database, tmp_path)
    assert files_of(tmp_path / "out") == before
    assert await database.audit.newest() == []


async def test_an_unfinished_export_is_gone_on_with_only_as_it_was_asked_for(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    await keep_many(database, vault, 4)

    class Down:
        async def read(self, _number: str, /) -> bytes:
            raise OSError(5, "the storage does not answer")

    around = surroundings(database, tmp_path / "vault")
    with pytest.raises(ExportInterrupted, match="storage does not answer"):
        await export(
            tmp_path / "out", ExportRequest(limit=3), "anna", "for the test", _with(around, photos=Down()), ignore
        )
    with pytest.raises(ExportRefused, match="asked for otherwise"):
        await exported(database, tmp_path, limit=4)
    report, _ = await exported(database, tmp_path, limit=3)
    assert report.counts["photos"] == 3
    assert [deed.detail["resumed"] for deed in await database.audit.newest()] == [True, False]


async def test_nothing_to_export_is_an_export_of_nothing(database: Database, tmp_path: Path) -> None:
    for name in FORMATS:
        report, folder = await exported(database, tmp_path, name, format=name)
        assert report.counts["photos"] == 0
        json.loads((folder / "manifest.json").read_text())
    assert json.loads((tmp_path / "label-studio/labelstudio_tasks.json").read_text()) == []
