"""Exports as the tools open them that they are for. Skipped where these are not installed: they are large."""

import csv
import gc
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from db.database import Database
from db.exporting.request import ExportRequest
from db.exporting.run import export
from db.importing.run import import_labels
from db.migrate import upgrade
from tests.databases import SECRET
from tests.db_rows import ANNA, BORA
from tests.kept_photos import ALL_LABELS, keep_many, open_vault, surroundings

pytestmark = pytest.mark.filterwarnings("ignore")  # of packages that are not ours


@pytest.fixture(autouse=True)
def _what_others_left_open() -> Iterator[None]:
    yield
    gc.collect()


async def exported(sqlite_url: str, tmp_path: Path, form: str) -> Path:
    await upgrade(sqlite_url)
    database = await Database.open(sqlite_url, SECRET)
    try:
        vault = open_vault(database, tmp_path / "vault")
        await keep_many(database, vault, 24, (ANNA, BORA))
        around = surroundings(database, tmp_path / "vault")
        await export(tmp_path / form, ExportRequest(format=form), "anna", "for the test", around, lambda _d, _o: None)
    finally:
        await database.close()
    return tmp_path / form


def metadata(file: Path) -> dict[str, dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return {row["item_id"]: row for row in csv.DictReader(lines)}


async def test_hugging_face_opens_it_with_its_labels(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    datasets = pytest.importorskip("datasets")
    folder = await exported(sqlite_url, tmp_path, "huggingface")
    rows = datasets.load_dataset(str(folder), split="train", cache_dir=str(tmp_path / "cache"))
    rows = rows.cast_column("label", datasets.ClassLabel(names=(folder / "classes.txt").read_text().split()))
    known = metadata(folder / "metadata.csv")
    assert len(rows) == len(known) == 24
    feature = rows.features["label"]
    assert feature.names == list(ALL_LABELS)
    for row in rows:
        written = known[row["item_id"]]["label"]
        assert (feature.int2str(row["label"]) if row["label"] is not None else "") == written
        assert row["image"].size == (96, 96)
    assert {row["label"] is None for row in rows} == {True, False}


async def test_hugging_face_opens_the_image_folder_too(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    datasets = pytest.importorskip("datasets")
    folder = await exported(sqlite_url, tmp_path, "imagefolder")
    rows = datasets.load_dataset("imagefolder", data_dir=str(folder), split="train", cache_dir=str(tmp_path / "cache"))
    known = metadata(folder / "metadata.csv")
    assert {row["item_id"]: row["label"] or "" for row in rows} == {
        item_id: row["label"] for item_id, row in known.items()
    }


async def test_label_studio_validates_the_tasks_predictions_and_annotations(sqlite_url: str, tmp_path: Path) -> None:
    interfaces = pytest.importorskip("label_studio_sdk.label_interface")
    folder = await exported(sqlite_url, tmp_path, "label-studio")
    interface = interfaces.LabelInterface((folder / "labelstudio_config.xml").read_text())
    interface.validate()
    tasks: list[dict[str, Any]] = json.loads((folder / "labelstudio_tasks.json").read_text())
    for task in tasks:
        # Of the data alone: 2.1.2 forgets to hand over the annotation where a task has one.
        assert interface.validate_task({"data": task["data"]}), task
        for each in task.get("predictions", []):
            assert interface.validate_prediction(each), each
        for each in task.get("annotations", []):
            assert interface.validate_annotation(each), each
    wrong = json.loads(json.dumps(tasks[0]["predictions"][0]).replace(ALL_LABELS[0], "no label"))
    wrong["result"][0]["value"]["choices"] = ["no label"]
    assert not interface.validate_prediction(wrong), "it looks at what is in them"


async def test_the_converter_of_label_studio_writes_what_the_import_reads(sqlite_url: str, tmp_path: Path) -> None:
    converters = pytest.importorskip("label_studio_sdk.converter")
    folder = await exported(sqlite_url, tmp_path, "label-studio")
    tasks: list[dict[str, Any]] = json.loads((folder / "labelstudio_tasks.json").read_text())
    choice = {"id": "x", "from_name": "label", "to_name": "image", "type": "choices"}
    for number, task in enumerate(tasks):
        result = [choice | {"value": {"choices": ["metal"]}}]
        task |= {"id": number, "created_at": "2026-05-04T10:00:00Z", "updated_at": "2026-05-04T10:00:00Z"}
        task["annotations"] = [
            {
                "id": number,
                "completed_by": {"id": 7, "email": "chai@example.org"},
                "result": result,
                "was_cancelled": False,
                "lead_time": 2.5,
                "created_at": "2026-05-04T10:00:00Z",
                "updated_at": "2026-05-04T10:00:00Z",
            }
        ]
    source = tmp_path / "given"
    source.mkdir()
    for number, task in enumerate(tasks):
        (source / f"{number}.json").write_text(json.dumps(task))
    converter = converters.Converter(
        (folder / "labelstudio_config.xml").read_text(), str(tmp_path), download_resources=False
    )
    database = await Database.open(sqlite_url, SECRET)
    try:
        for form, name in (("JSON", "result.json"), ("JSON_MIN", "result.json"), ("CSV", "result.csv")):
            out = tmp_path / form
            converter.convert(str(source), str(out), form, is_dir=True)
            report = await import_labels(out / name, "bora", "for the test", ALL_LABELS, database, is_dry_run=True)
            assert (report.accepted, report.refused) == (24, {}), form
    finally:
        await database.close()
