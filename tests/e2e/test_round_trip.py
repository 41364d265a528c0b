"""The whole loop: residents' photos, labels of people, a new model, which the running host answers with.

``BUNRI_ROUND_TRIP=500`` goes round with so many photos instead of a few; two in five of them are labelled.
"""

import asyncio
import csv
import hashlib
import json
import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest

from inference.labels import LABELS
from tests.conftest import PROJECT_ROOT, SHARED_DATA
from tests.e2e.neighbourhood import (
    CAPTION,
    FIRST_ID,
    NAME,
    PATIENCE_S,
    Neighbour,
    Neighbourhood,
    kept,
    models,
    pseudonyms,
)
from tests.e2e.real_photos import RECIPE, RealPhotos
from tests.fake_telegram.server import FakeTelegram
from tests.host_process import bunri_serve, caller, ready
from tests.planted import files_in, leaks, metadata
from tests.telegram_process import bunri_telegram
from tests.weights_fixture import TINY_NAME

PHOTOS: Final = int(os.environ.get("BUNRI_ROUND_TRIP", "24"))
LABELLED: Final = PHOTOS * 2 // 5
THEIRS: Final = 3
"""Of these are whose resident is then forgotten."""

AGREEING: Final = max(4, PHOTOS // 10)
"""Residents; so many that none of them asks more often a minute than anybody may."""

NETWORKS: Final = (".safetensors", ".bin", ".xml")
"""Numbers alone, and megabytes to look through."""

JPEG_HEADS: Final = (b"\xff\xd8\xff\xe0\x00\x10JFIF", b"\xff\xd8\xff\xe1", b"Exif\0\0")


@dataclass(frozen=True)
class Operator:
    """Somebody at the command line, in a folder of their own."""

    folder: Path

    async def runs(self, *words: str | Path, code: int = 0) -> str:
        """What a command prints."""
        settings = {
            "PYTHONPATH": str(PROJECT_ROOT),
            "OMP_NUM_THREADS": "1",
            "BUNRI_INFERENCE__WEIGHTS": str(self.folder / "weights"),
            "BUNRI_INFERENCE__BACKEND": "openvino",
            "BUNRI_ADMIN__PEOPLE": "anna:exporter, bora:reviewer",
            **self.places,
        }
        command = [sys.executable, "-m", "bunri.cli", *map(str, words)]
        done = await asyncio.to_thread(
            lambda: subprocess.run(
                command,
                cwd=self.folder,
                env={**os.environ, **settings},
                capture_output=True,
                text=True,
                timeout=PATIENCE_S,
                check=False,
            )
        )
        assert done.returncode == code, f"{words}: {done.stdout}\n{done.stderr}"
        return done.stdout

    async def says(self, *words: str | Path) -> dict[str, Any]:
        """A command's JSON."""
        said: dict[str, Any] = json.loads(await self.runs(*words, "--json"))
        return said

    @property
    def places(self) -> dict[str, str]:
        """Where database and vault are, as the bot is told too."""
        return {
            "BUNRI_DATABASE__URL": f"sqlite:///{self.database}",
            "BUNRI_DATABASE__SECRET_FILE": str(self.folder / "secret.key"),
            "BUNRI_VAULT__KEEP_PHOTOS": "true",
            "BUNRI_VAULT__FOLDER": str(self.folder / "vault"),
            "BUNRI_VAULT__KEYS_FILE": str(self.folder / "vault.keys"),
        }

    @property
    def database(self) -> Path:
        return self.folder / "bunri.db"

    def blobs(self) -> set[str]:
        """What lies in the vault."""
        return set(files_in(self.folder / "vault"))

    def exported(self, name: str) -> dict[str, tuple[str, dict[str, str]]]:
        """Of an export: a photo's id -> SHA-256 of its file, and its row."""
        (table,) = (self.folder / name).rglob("metadata.csv")
        with table.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        return {
            row["item_id"]: (hashlib.sha256((table.parent / row["file_name"]).read_bytes()).hexdigest(), row)
            for row in rows
        }


@pytest.mark.skipif(not SHARED_DATA.is_dir(), reason="the real photos are not here")
@pytest.mark.timeout(3600 + 10 * PHOTOS)
async def test_photos_become_labels_and_labels_a_model_that_the_running_host_answers_with(
    tiny_weights: Path, own_weights: Path, tmp_path: Path
) -> None:
    del tiny_weights
    operator, photos = Operator(tmp_path), RealPhotos()
    photos.write_split(tmp_path / "split.csv")
    photos.write_street(tmp_path / "street")
    async with FakeTelegram() as telegram, caller() as http:
        with bunri_serve(own_weights, BUNRI_SERVE__RELOAD_SECONDS="0.5") as host:
            url = await asyncio.to_thread(lambda: host.url)
            await ready(http, url)
            with bunri_telegram(telegram, tmp_path, url, **operator.places) as bots_log:
                town = Neighbourhood(telegram, photos)
                agreed = await photos_are_sent(town, operator)
                forgetful = agreed[1]
                chosen = await some_are_labelled(operator, agreed, forgetful)
                of_forgetful = [item_id for item_id, label in chosen.items() if is_of(operator, item_id, forgetful)]
                blobs = operator.blobs()
                await is_forgotten(town, forgetful, operator)
                gone = blobs - operator.blobs()
                assert len(gone) == len(forgetful.truth)
                taken = await operator.says(
                    "import", "labelled.json", "--actor", "bora", "--reason", "labels of the round trip"
                )
                assert taken["refused"] == {"forgotten": len(of_forgetful)} == {"forgotten": THEIRS}
                assert taken["accepted"] == LABELLED - len(of_forgetful)
                await what_is_left_is_exported(operator, agreed, forgetful, set(chosen) - set(of_forgetful))
                before, after = await a_model_is_trained_and_promoted(operator)
                await the_host_answers_with_it(town, agreed[0], operator, http, url)
                nothing_of_anybody_is_in(operator, [*bots_log, *host.log])
        assert telegram.problems == []
    nothing_of_anybody_is_in(operator, [*bots_log, *host.log])
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    sys.stdout.write(
        f"kept and exported {PHOTOS}, labelled {LABELLED}, imported {taken['accepted']}, refused as forgotten "
        f"{len(of_forgetful)}; deleted {len(gone)}, exported again {PHOTOS - len(gone)}; accuracy on the test part "
        f"{before:.0%} before and {after:.0%} after; {used.ru_utime + used.ru_stime:.0f} s of CPU in the commands\n"
    )


async def photos_are_sent(town: Neighbourhood, operator: Operator) -> list[Neighbour]:
    """By residents who agreed, by one who refused and by one who was asked and said nothing; those who agreed."""
    agreed = [town.moves_in() for _ in range(AGREEING)]
    refuses, says_nothing = town.moves_in(), town.moves_in()
    for each in agreed:
        question = await town.says(each, "/consent")
        assert "고마워요" in await town.presses(each, "동의해요", question)
    await town.presses(refuses, "동의하지 않아요", await town.says(refuses, "/consent"))
    labels = cycle(map(str, LABELS))
    for _ in range(2):
        await town.sends(refuses, next(labels))
        await town.sends(says_nothing, next(labels))
    for count, who in enumerate(islice(cycle(agreed), PHOTOS), start=1):
        await town.sends(who, next(labels))
        await town.telegram.until(lambda count=count: kept(operator.database) == count, PATIENCE_S)  # type: ignore[misc]
    assert len(operator.blobs()) == PHOTOS
    assert set(models(operator.database)) == {f"{TINY_NAME} 0"}
    return agreed


async def some_are_labelled(operator: Operator, agreed: Sequence[Neighbour], forgetful: Neighbour) -> dict[str, str]:
    """In Label Studio, of an export of all photos, with what they really show: id -> label."""
    report = await operator.says("export", "first", "--actor", "anna", "--reason", "labels of the round trip")
    assert report["counts"]["photos"] == PHOTOS
    truth = {digest: label for each in agreed for digest, label in each.truth.items()}
    exported = operator.exported("first")
    assert {digest for digest, _ in exported.values()} == set(truth), "what left is what was sent, cleaned"
    tasks = json.loads((operator.folder / "first" / "labelstudio_tasks.json").read_text("utf-8"))
    # Three of who will want to be forgotten among them, whatever the order.
    theirs, last = list(forgetful.truth)[:THEIRS], list(forgetful.truth)[THEIRS:]
    digests = {task["data"]["item_id"]: exported[task["data"]["item_id"]][0] for task in tasks}
    tasks.sort(
        key=lambda task: (digests[task["data"]["item_id"]] not in theirs, digests[task["data"]["item_id"]] in last)
    )
    chosen = {}
    for task in tasks[:LABELLED]:
        item_id = task["data"]["item_id"]
        chosen[item_id] = truth[exported[item_id][0]]
        choice = {"from_name": "label", "to_name": "image", "type": "choices", "value": {"choices": [chosen[item_id]]}}
        task["annotations"] = [
            {"completed_by": 1, "result": [choice], "lead_time": 2.0, "updated_at": "2026-05-04T10:00:00Z"}
        ]
    (operator.folder / "labelled.json").write_text(json.dumps(tasks[:LABELLED]), "utf-8")
    return chosen


def is_of(operator: Operator, item_id: str, who: Neighbour) -> bool:
    return operator.exported("first")[item_id][0] in who.truth


async def is_forgotten(town: Neighbourhood, who: Neighbour, operator: Operator) -> None:
    before = kept(operator.database)
    told = await town.presses(who, "모두 지워 주세요", await town.says(who, "/forget"))
    assert f"사진 {len(who.truth)}장을 지웠어요" in told
    assert kept(operator.database) == before - len(who.truth)


async def what_is_left_is_exported(
    operator: Operator, agreed: Sequence[Neighbour], forgetful: Neighbour, labelled: set[str]
) -> None:
    refreshed = await operator.says("export", "first", "--refresh", "--actor", "anna", "--reason", "somebody left")
    assert refreshed["removed"] == refreshed["files"] == len(forgetful.truth)
    report = await operator.says(
        "export", "second", "--format", "huggingface", "--actor", "anna", "--reason", "training of the round trip"
    )
    exported = operator.exported("second")
    assert report["counts"]["photos"] == len(exported) == PHOTOS - len(forgetful.truth)
    truth = {digest: label for each in agreed if each is not forgetful for digest, label in each.truth.items()}
    assert {digest for digest, _ in exported.values()} == set(truth)
    assert {digest for digest, _ in operator.exported("first").values()} == set(truth)
    by_people = {item_id for item_id, (_, row) in exported.items() if row["label_source"] == "relabelled"}
    assert by_people == labelled
    assert all(row["label"] == truth[digest] for digest, row in map(exported.__getitem__, by_people))


async def a_model_is_trained_and_promoted(operator: Operator) -> tuple[float, float]:
    """Accuracy on the test part, before and after."""
    (operator.folder / "grown.yaml").write_text(RECIPE, "utf-8")
    data = ("--data", SHARED_DATA, "--split", "split.csv")
    trained = await operator.runs(
        "train", "classifier", "grown.yaml", *data, "--export", "second", "--device", "cpu", "--threads", "1"
    )
    assert "second: " in trained
    assert [each.name for each in (operator.folder / "cache").iterdir()] == ["exports"]
    learned = json.loads((operator.folder / "runs" / "grown" / "data.json").read_text("utf-8"))
    assert 0 < learned["exports"][0]["photos"] <= LABELLED
    await operator.runs("weights", "pack", "runs/grown", *data, "--version", "2")
    found = await operator.says("weights", "compare", TINY_NAME, "grown", "--split", "split.csv", "--root", SHARED_DATA)
    before, after = found["accuracy"]["before"], found["accuracy"]["after"]
    assert after > before
    # The random network calls nearly everything one thing and so knows all of those: what knows the others, too, loses.
    promoted = await operator.runs("weights", "promote", "grown", "--field", "street", "--margin", "100")
    assert f"grown 2 answers from now on, instead of {TINY_NAME}" in promoted
    return before, after


async def the_host_answers_with_it(
    town: Neighbourhood, who: Neighbour, operator: Operator, http: aiohttp.ClientSession, url: str
) -> None:
    """The same two processes, which nobody started again."""
    photo = next(iter(town.telegram.files.values()))
    async with asyncio.timeout(PATIENCE_S):
        answer: dict[str, Any] = {}
        while answer.get("model") != "grown 2":
            async with http.post(f"{url}v1/classify", data=photo, headers={"Content-Type": "image/jpeg"}) as response:
                assert response.status == 200
                answer = await response.json()
    await town.sends(who, "shoes")
    assert models(operator.database)[-1] == "grown 2"
    await town.telegram.until(lambda: kept(operator.database) == len(operator.blobs()), PATIENCE_S)


def nothing_of_anybody_is_in(operator: Operator, log: list[str]) -> None:
    """Names, numbers, captions and what cameras write: in no database, vault, export, weights or log."""
    places = ("bunri.db", "vault", "first", "second", "weights", "labelled.json")
    every = files_in(operator.folder)
    files = {name: each for name, each in every.items() if name.startswith(places) and not name.endswith(NETWORKS)}
    assert "bunri.db" in files
    files["the logs"] = "".join(log).encode()
    planted = metadata() | {
        "a name": NAME.encode(),
        "a caption": CAPTION.encode(),
        "a number": str(FIRST_ID)[:-2].encode(),  # which all of theirs begin with
    }
    assert leaks(files, planted) == []
    exported = {name: each for name, each in files.items() if name.startswith(("first", "second", "weights"))}
    assert leaks(exported, {f"pseudonym {each}": each.encode() for each in pseudonyms(operator.database)}) == []
    assert [name for name, each in exported.items() if b"Exif\0\0" in each] == []
    sealed = {name: each for name, each in files.items() if name.startswith(("bunri.db", "vault"))}
    assert [(name, head) for name, each in sealed.items() for head in JPEG_HEADS if head in each] == []
