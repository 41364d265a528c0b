"""``bunri export``, ``bunri import`` and what ``bunri stats`` says then, as they are typed."""

import asyncio
import gc
import io
import json
import os
import resource
import subprocess
import sys
import tracemalloc
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image
from sqlalchemy import Connection, insert

from bunri.cli import main
from db.database import Database
from db.exporting.request import ExportRequest
from db.exporting.run import export
from db.migrate import upgrade
from db.tables import PHOTOS
from tests.conftest import PROJECT_ROOT
from tests.databases import SECRET
from tests.kept_photos import KEYS, Vault, bare_rows, keep, keep_many, open_vault, photo, surroundings

T = TypeVar("T")

ANNA_EXPORTS = ("--actor", "anna", "--reason", "the weekly labels")
BORA_IMPORTS = ("--actor", "bora", "--reason", "the weekly labels")


@pytest.fixture(autouse=True)
def _surroundings(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BUNRI_DATABASE__URL", sqlite_url)
    monkeypatch.setenv("BUNRI_DATABASE__SECRET", "a secret that is long enough for the tests")
    monkeypatch.setenv("BUNRI_VAULT__FOLDER", str(tmp_path / "vault"))
    monkeypatch.setenv("BUNRI_VAULT__KEYS", KEYS)
    monkeypatch.setenv("BUNRI_ADMIN__PEOPLE", "anna:exporter, bora:reviewer")


def called(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def with_vault(url: str, tmp_path: Path, work: Callable[[Database, Vault], Awaitable[T]]) -> T:
    async def run() -> T:
        await upgrade(url)
        database = await Database.open(url, SECRET)
        try:
            return await work(database, open_vault(database, tmp_path / "vault"))
        finally:
            await database.close()

    return asyncio.run(run())


def test_from_export_through_a_spreadsheet_to_the_figures(sqlite_url: str, tmp_path: Path) -> None:
    async def three(database: Database, vault: Vault) -> list[str]:
        return [await keep(database, vault, number, label="paper") for number in range(3)]

    kept = with_vault(sqlite_url, tmp_path, three)
    done = called("export", "out", *ANNA_EXPORTS, "--format", "csv", "--random-share", "1")
    assert done.exit_code == 0, done.output
    assert "3 photos of 3 that match" in done.stdout
    filled = (tmp_path / "out/to_label.csv").read_text("utf-8-sig").replace(f"{kept[0]},,", f"{kept[0]},metal,")
    (tmp_path / "filled.csv").write_text(filled.replace(f"{kept[1]},,", f"{kept[1]},paper,"))
    dry = called("import", "filled.csv", *BORA_IMPORTS, "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert "photos would be labelled: 2" in dry.stdout
    done = called("import", "filled.csv", *BORA_IMPORTS, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["accepted"], told["passed"]) == (2, {"no_label": 1})
    assert [(each["label"], each["right"], each["random"]) for each in told["precision"]] == [("paper", 1, 2)]
    figures = called("stats")
    assert "on relabelled photos (not the training split)" in figures.stdout
    assert "1 of 2" in figures.stdout
    assert json.loads(called("stats", "--json").stdout)["precision"] == told["precision"]


def test_a_refused_line_is_shown_and_ends_with_1(sqlite_url: str, tmp_path: Path) -> None:
    (kept,) = with_vault(sqlite_url, tmp_path, lambda database, vault: keep_many(database, vault, 1))
    (tmp_path / "labels.csv").write_text(f"item_id,label\n{kept},metal\n{kept},\x1b[31mwood\n")
    done = called("import", "labels.csv", *BORA_IMPORTS)
    assert done.exit_code == 1
    assert "line 3: bad_label" in done.stdout
    assert "\x1b" not in done.stdout
    assert "photos labelled: 1" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("export", "out", *BORA_IMPORTS), "bora is reviewer"),
        (("export", "out", "--actor", "chai", "--reason", "the weekly labels"), "BUNRI_ADMIN__PEOPLE"),
        (("export", "out", "--actor", "anna", "--reason", " "), "say why"),
        (("import", ".env", *ANNA_EXPORTS), "must name the columns"),
    ],
)
def test_what_may_not_be_is_one_clear_line(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    (tmp_path / ".env").write_text("# nothing\n")
    done = called(*arguments)
    assert done.exit_code == 1
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("arguments", [("export", "out"), ("export", "out", "--actor", "anna"), ("import", "nowhere")])
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...]) -> None:
    assert called(*arguments).exit_code == 2


def test_a_faulty_list_of_people_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUNRI_ADMIN__PEOPLE", "anna:king")
    done = called("export", "out", *ANNA_EXPORTS)
    assert done.exit_code == 1
    assert "BUNRI_ADMIN__PEOPLE" in done.stderr
    assert "NAME:ROLE" in done.stderr


FULL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)), resource.RLIM_INFINITY))
from bunri.cli import main
main()
"""


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="no limit of a file's size here")
def test_a_disk_that_is_full_is_said_and_the_same_command_goes_on(sqlite_url: str, tmp_path: Path) -> None:
    """No file may grow beyond a limit: the writes fail as on a full disk, in the middle of the export."""

    async def some(database: Database, vault: Vault) -> list[str]:
        kept = await keep_many(database, vault, 3)
        return [*kept, await keep(database, vault, 99, data=_large())]

    kept = with_vault(sqlite_url, tmp_path, some)
    arguments = ["export", "out", *ANNA_EXPORTS]
    environment = {"PYTHONPATH": str(PROJECT_ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", FULL, "600000", *arguments],
        capture_output=True,
        text=True,
        env=_environment(environment),
        cwd=tmp_path,
    )
    assert done.returncode == 1, done.stderr
    assert "make room on the disk and give the same command again" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out/manifest.json").exists()
    again = called(*arguments)
    assert again.exit_code == 0, again.output
    assert {path.stem for path in (tmp_path / "out/images").iterdir()} == set(kept)
    assert not (tmp_path / "out/.unfinished").exists()


def _environment(more: dict[str, str]) -> dict[str, str]:
    return {**os.environ, **more}


def _large() -> bytes:
    """A JPEG of about a megabyte."""
    file = io.BytesIO()
    noise = np.random.default_rng(5).integers(0, 256, (900, 900, 3), dtype=np.uint8)
    Image.fromarray(noise).save(file, "JPEG", quality=95)
    return file.getvalue()


def test_memory_does_not_grow_with_the_number_of_photos(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many rows, one photo: what is held of each is measured. Pages are small, so that both runs have several."""
    monkeypatch.setattr("db.exporting.candidates.PAGE", 200)
    monkeypatch.setattr("db.exporting.planning.PAGE", 200)

    def collect(done: int, _of: int) -> None:
        """What is only waiting for the collector is not held."""
        if done % 50 == 0:
            gc.collect()

    async def peak(database: Database, photos: int) -> int:
        rows = bare_rows([f"{photos:08x}{number:024x}" for number in range(photos)])

        def fill(connection: Connection) -> None:
            connection.execute(PHOTOS.delete())
            connection.execute(insert(PHOTOS), rows)

        await database._store.write(fill)
        rows.clear()
        content = photo(1)

        class Same:
            async def read(self, _number: str, /) -> bytes:
                return content

        around: Any = surroundings(database, tmp_path / "vault")
        seen = around.look(content)
        around = replace(around, photos=Same(), look=lambda _photo: seen)
        tracemalloc.start()
        try:
            await export(tmp_path / f"out{photos}", ExportRequest(), "anna", "for the test", around, collect)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    async def both(database: Database, _vault: Vault) -> tuple[int, int]:
        await peak(database, 10)  # what is loaded the first time
        return await peak(database, 500), await peak(database, 1_500)

    few, many = with_vault(sqlite_url, tmp_path, both)
    assert many - few < 1_000 * 200, f"{(many - few) / 1_000:.0f} bytes a photo: room for fingerprints, not for rows"


def test_only_the_photos_of_a_queue_are_exported(sqlite_url: str, tmp_path: Path) -> None:
    async def four(database: Database, vault: Vault) -> list[str]:
        return [await keep(database, vault, number) for number in range(4)]

    kept = with_vault(sqlite_url, tmp_path, four)
    Path("queue.csv").write_text(f"item_id,reasons\n{kept[2]},blurred\n{kept[0]},dark\nunknown,dark\n")
    done = called("export", "out", *ANNA_EXPORTS, "--format", "csv", "--only", "queue.csv")
    assert done.exit_code == 0, done.output
    assert {file.stem for file in Path("out/images").iterdir()} == {kept[0], kept[2]}
    for content, says in (
        ("id\n1\n", "line 1 must name the column item_id"),
        ("item_id\n" + "\n".join(f"{number}" for number in range(20_001)), "20,001 photos; 20,000 at most"),
    ):
        Path("queue.csv").write_text(content)
        refused = called("export", "other", *ANNA_EXPORTS, "--only", "queue.csv")
        assert refused.exit_code == 1
        assert says in refused.stderr
    assert not Path("other").exists()


def test_an_empty_queue_is_nothing_to_look_at_and_no_failure() -> None:
    Path("queue.csv").write_text("item_id,reasons\n")
    done = called("export", "out", *ANNA_EXPORTS, "--only", "queue.csv")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "nothing to look at" in done.stdout
    report = json.loads(called("export", "out", *ANNA_EXPORTS, "--only", "queue.csv", "--json").stdout)
    assert (report["export_id"], report["counts"]["photos"]) == (None, 0)
    assert not Path("out").exists()


def test_the_log_is_measured_with_how_the_database_goes_about_it() -> None:
    done = called("bench", "--log-rows", "300", "--json")
    assert done.exit_code == 0, done.output
    figures = json.loads(done.stdout)
    assert (figures["database"], figures["rows"]) == ("sqlite", 300)
    assert {"export filter: all", "stats", "stats: precision"} <= set(figures["seconds"])
    assert any("ix_feedback_query_id" in line for line in figures["plans"]["export filter: all"])
    assert called("bench", "--log-url", "sqlite:///x.db").exit_code == 2
