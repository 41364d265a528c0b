"""The admin page over real sockets: who gets in, what they see, what they say, what leaves; on both databases."""

import asyncio
import io
import json
import logging
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest
from PIL import Image

from bots.web import WebOptions
from bots.web.csrf import HEADER
from db.database import Database
from db.errors import DatabaseUnavailable
from db.exporting.request import ExportRequest
from tests.admin_site import ANNAS_TOKEN, BORAS_TOKEN, Worker, code_of, running_admin, working
from tests.db_rows import BORA
from tests.kept_photos import damage, keep, lots, open_vault
from tests.scripted_inference import ScriptedInference
from tests.web_site import running_site

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What does not hang on the kind of the database."""


async def deeds(database: Database) -> list[tuple[str, str]]:
    return [(each.actor, each.action) for each in reversed(await database.audit.newest())]


async def test_without_its_people_there_is_no_admin_page() -> None:
    async with running_site(ScriptedInference()) as url, working(url) as someone:
        assert await code_of(await someone.get("")) == (404, "not_found")
        assert await code_of(await someone.get("api/me")) == (404, "not_found")


async def test_a_sitting_from_the_first_word_to_the_last(database: Database, tmp_path: Path) -> None:
    vault = open_vault(database, tmp_path / "vault")
    sure = await keep(database, vault, 1, label="paper", margin=0.8)
    unsure = await keep(database, vault, 2, label="metal", margin=0.1, verdict="wrong", says="plastic", platform="web")
    async with running_admin(database, tmp_path) as url, working(url, BORAS_TOKEN) as bora:
        me = await (await bora.get("api/me")).json()
        assert (me["name"], me["may_export"]) == ("bora", False)

        queue = await (await bora.get("api/queue", unlabelled="true")).json()
        assert queue["matching"] == 2
        assert {each["id"]: each for each in queue["items"]}[unsure] == {
            "id": unsure,
            "month": "2026-05",
            "platform": "web",
            "predicted": "metal",
            "score": 0.55,
            "margin": pytest.approx(0.1),
            "resident": "plastic",
            "label": "",
        }
        assert await bora.queue(label=["plastic", "shoes"]) == [unsure]
        assert await bora.queue(platform="telegram", since="2026-05-04", until="2026-05-05") == [sure]
        assert await bora.queue(until="2026-05-04") == []
        assert await bora.queue(disagreement="true", most_margin="0.2", answer_language="ko") == [unsure]
        assert await bora.queue(start="2") == []
        for wrong in ({"label": "wood"}, {"since": "today"}, {"most_margin": "7"}, {"start": "-1"}):
            assert await code_of(await bora.get("api/queue", **wrong)) == (400, "bad_request")

        picture = await bora.get(f"photos/{sure}")
        assert (picture.content_type, picture.headers["Cache-Control"]) == ("image/jpeg", "no-store")
        assert Image.open(io.BytesIO(await picture.read())).size == (96, 96)

        word = (await (await bora.post("word", {"photo": unsure, "label": "plastic"})).json())["word"]
        assert (await bora.post("word", {"photo": sure, "rejected": "personal"})).status == 200
        assert await bora.queue() == [unsure]
        figures = await (await bora.get("api/figures")).json()
        assert {name: figures[name] for name in ("kept", "labelled", "rejected", "left", "target")} == {
            "kept": 2,
            "labelled": 1,
            "rejected": 1,
            "left": 0,
            "target": 1_000,
        }
        assert (figures["by_label"]["plastic"], len(figures["by_label"])) == (1, 12)
        assert (figures["model"], [each["title"] for each in figures["changes"]]) == ("tiny 2", ["tiny 2"])
        [right] = figures["precision"]
        assert (right["label"], right["right"], right["photos"]) == ("metal", 0, 1)

        assert await (await bora.post("undo", {"word": word})).json() == {"photo": unsure}
        assert await code_of(await bora.post("undo", {"word": word})) == (410, "gone")
        assert await bora.queue(unlabelled="true") == [unsure]
        await bora.post("word", {"photo": unsure, "label": "metal"})

        assert (await bora.post("logout", {})).status == 200
        assert await (await bora.get("api/me")).json() == {}
        assert await code_of(await bora.get("api/queue")) == (403, "signed_out")
    assert await deeds(database) == [("bora", "admin-login"), ("bora", "import"), ("bora", "admin-logout")]
    [left, begun, _] = await database.audit.newest()
    sitting = await database.labels.get_import(begun.detail["import"])
    assert sitting is not None
    assert sitting.counts == {"labelled": 2, "rejected": 1, "taken_back": 1} == left.detail["words"]
    assert (sitting.actor, sitting.source, sitting.finished_at is not None) == ("bora", "admin-page", True)
    assert unsure not in json.dumps([left.detail, begun.detail]), "who is forgotten must not outlast it in the audit"


@on_sqlite
async def test_only_a_photo_drawn_from_an_ordinary_day_counts_as_one(database: Database, tmp_path: Path) -> None:
    vault = open_vault(database, tmp_path / "vault")
    share = ExportRequest().random_share
    photos = [await keep(database, vault, number, margin=0.5) for number in range(4)]
    while not lots(photos, share):
        photos.append(await keep(database, vault, len(photos), margin=0.5))
    drawn = min(round(share * len(photos)), lots(photos, share))
    async with running_admin(database, tmp_path) as url, working(url, BORAS_TOKEN) as bora:
        await bora.queue(most_margin="0.9")
        for photo in photos:
            await bora.post("word", {"photo": photo, "label": "paper"})
        [biased] = await database.labels.precision()
        assert (biased.photos, biased.random) == (len(photos), 0)
        await bora.queue()
        for photo in photos:
            await bora.post("word", {"photo": photo, "label": "paper"})
        [fair] = await database.labels.precision()
        assert (fair.photos, fair.random, fair.random_right) == (len(photos), drawn, drawn)


@on_sqlite
async def test_a_forgotten_resident_is_gone_from_the_page(database: Database, tmp_path: Path) -> None:
    vault = open_vault(database, tmp_path / "vault")
    photo, broken = await keep(database, vault, 1, user_key=BORA), await keep(database, vault, 2)
    async with running_admin(database, tmp_path) as url, working(url, BORAS_TOKEN) as bora:
        assert set(await bora.queue()) == {photo, broken}
        await vault.delete_of(BORA)
        await database.forget(BORA)
        assert await code_of(await bora.get(f"photos/{photo}")) == (404, "not_found")
        refused = await bora.post("word", {"photo": photo, "label": "paper"})
        assert await code_of(refused) == (410, "forgotten")
        assert "had it deleted" in (await refused.json())["message"]
        assert await code_of(await bora.post("word", {"photo": "nothing", "label": "paper"})) == (410, "gone")
        assert await bora.queue() == [broken]
        await damage(database, tmp_path / "vault", broken)
        assert await code_of(await bora.get(f"photos/{broken}")) == (404, "not_found")


async def test_what_the_queue_does_not_show_cannot_be_had_by_its_id(database: Database, tmp_path: Path) -> None:
    vault = open_vault(database, tmp_path / "vault")
    discord = await keep(database, vault, 1, platform="discord")
    private = await keep(database, vault, 2)
    label = {"photo": private, "label": "paper"}
    async with running_admin(database, tmp_path) as url, working(url, BORAS_TOKEN) as bora:
        assert await bora.queue() == [private]
        assert await code_of(await bora.get(f"photos/{discord}")) == (404, "not_found")
        for word in ({"label": "paper"}, {"rejected": "personal"}):
            assert await code_of(await bora.post("word", {"photo": discord, **word})) == (410, "gone")
        said = await bora.post("word", {"photo": private, "rejected": "personal"})
        assert (await bora.get(f"photos/{private}")).status == 200, "whoever said so may look again, and take it back"
        async with working(url, ANNAS_TOKEN) as anna:
            assert await code_of(await anna.get(f"photos/{private}", large="1")) == (409, "rejected")
            for word in ({"label": "paper"}, {"rejected": "unreadable"}):
                assert await code_of(await anna.post("word", {"photo": private, **word})) == (409, "rejected")
            assert (await bora.post("undo", await said.json())).status == 200
            assert (await anna.get(f"photos/{private}")).status == 200
            assert (await anna.post("word", label)).status == 200
            await anna.post("word", {"photo": private, "rejected": "unreadable"})
        assert await code_of(await bora.get(f"photos/{private}")) == (409, "rejected"), "theirs was taken back"
    async with (
        running_admin(database, tmp_path, with_discord=True) as url,
        working(url, BORAS_TOKEN) as bora,
    ):
        assert (await bora.get(f"photos/{discord}")).status == 200
        assert (await bora.post("word", {"photo": discord, "label": "paper"})).status == 200


async def test_an_export_leaves_as_a_zip_and_nothing_of_it_stays(database: Database, tmp_path: Path) -> None:
    vault = open_vault(database, tmp_path / "vault")
    paper, metal = await keep(database, vault, 1, label="paper"), await keep(database, vault, 2, label="metal")
    scratch = tmp_path / "scratch"
    (scratch / "bunri-export").mkdir(parents=True)
    (scratch / "bunri-export" / "left.jpg").write_bytes(b"of a process that was killed")
    (tmp_path / "scratch-queue" / "bunri-queue-1").mkdir(parents=True)
    wanted = {"filters": {"label": ["paper"]}, "format": "imagefolder", "reason": "labels of this week"}
    async with running_admin(database, tmp_path) as url:
        assert [each.name for each in (tmp_path / "scratch-queue").iterdir()] == [".lock"], "and this too"
        assert [each.name for each in scratch.iterdir()] == [".lock"], "swept at the start"
        async with working(url, BORAS_TOKEN) as bora:
            assert await code_of(await bora.post("export", wanted)) == (403, "not_allowed")
        async with working(url, ANNAS_TOKEN) as anna:
            for none in (" x ", "labels \x1b[2J of this week", "labels \u202e of this week", "labels \0 of this week"):
                assert await code_of(await anna.post("export", {**wanted, "reason": none})) == (400, "no_reason")
            assert await code_of(await anna.post("export", {**wanted, "format": "tar"})) == (400, "bad_request")
            shoes = {**wanted, "filters": {"label": ["shoes"]}}
            assert await code_of(await anna.post("export", shoes)) == (404, "no_photos")
            assert "export" in [action for _, action in await deeds(database)]
            answer = await anna.post("export", wanted)
            assert (answer.status, answer.content_type) == (200, "application/zip")
            assert answer.headers["Content-Disposition"].startswith('attachment; filename="bunri-')
            archive = zipfile.ZipFile(io.BytesIO(await answer.read()))
            assert archive.testzip() is None
            assert f"bunri-export/unlabelled/{paper}.jpg" in archive.namelist()
            assert not [name for name in archive.namelist() if metal in name or ".unfinished" in name]
            manifest = json.loads(archive.read("bunri-export/manifest.json"))
            assert manifest["counts"]["photos"] == 1
            answer = await anna.post("export", {**wanted, "format": "label-studio"})
            archive = zipfile.ZipFile(io.BytesIO(await answer.read()))
            [task] = json.loads(archive.read("bunri-export/labelstudio_tasks.json"))
            _, _, shown = task["data"]["image"].partition("?d=")
            assert shown in archive.namelist(), "unpacked, the photo is where the task says"
        assert [each.name for each in scratch.iterdir()] == [".lock"]
        assert scratch.stat().st_mode & 0o777 == 0o700
    noted = await database.exports.get(manifest["export"])
    assert noted is not None
    assert (noted.actor, noted.reason, noted.finished_at is not None) == ("anna", "labels of this week", True)


async def is_clean(scratch: Path) -> None:
    """Once nothing of an export is left."""

    def names() -> list[str]:
        return [each.name for each in scratch.glob("*")]

    async with asyncio.timeout(60):
        while names() not in ([], [".lock"]):  # noqa: ASYNC110 - files have no event
            await asyncio.sleep(0.02)


def noise(number: int) -> bytes:
    """A JPEG of more than a megabyte."""
    pixels = np.random.default_rng(number).integers(0, 256, (1_200, 1_600, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=95)
    return file.getvalue()


@on_sqlite
async def test_a_photo_that_is_deleted_during_a_download_does_not_leave(database: Database, tmp_path: Path) -> None:
    vault = open_vault(database, tmp_path / "vault")
    for number in range(8):
        await keep(database, vault, number, user_key=BORA, data=noise(number))
    wanted = {"format": "csv", "reason": "labels of this week"}
    async with running_admin(database, tmp_path) as url, working(url, ANNAS_TOKEN) as anna:
        async with anna.http.post(f"{url}admin/api/export", json=wanted, headers={HEADER: anna.token}) as answer:
            assert answer.status == 200
            # Most of it is not yet sent: the sockets between hold some megabytes.
            await answer.content.readexactly(1_000)
            await vault.delete_of(BORA)
            with pytest.raises(aiohttp.ClientError):
                await answer.read()
        await is_clean(tmp_path / "scratch")


@on_sqlite
async def test_a_download_ends_at_its_deadline(database: Database, tmp_path: Path) -> None:
    await keep(database, open_vault(database, tmp_path / "vault"), 1)
    wanted = {"format": "csv", "reason": "labels of this week"}
    async with running_admin(database, tmp_path, download_seconds=0.0) as url, working(url, ANNAS_TOKEN) as anna:
        with pytest.raises(aiohttp.ClientError):
            await anna.post("export", wanted)
    assert [each.name for each in (tmp_path / "scratch").iterdir()] == [".lock"]


@on_sqlite
async def test_an_export_whose_taker_leaves_is_deleted_all_the_same(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await keep(database, open_vault(database, tmp_path / "vault"), 1, data=noise(1))
    scratch = tmp_path / "scratch"
    wanted = {"format": "csv", "reason": "labels of this week"}

    async with running_admin(database, tmp_path) as url, working(url, ANNAS_TOKEN) as anna:
        with pytest.raises(TimeoutError):
            await anna.post("export", wanted, timeout=aiohttp.ClientTimeout(sock_read=0.001))
        await is_clean(scratch)
        async with anna.http.post(f"{url}admin/api/export", json=wanted, headers={HEADER: anna.token}) as answer:
            assert answer.status in {200, 409}, "the one before may still be in the making"
            answer.close()
        await is_clean(scratch)
    await is_clean(scratch)
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]


@on_sqlite
async def test_posting_wants_the_token_of_this_very_stay(database: Database, tmp_path: Path) -> None:
    photo = await keep(database, open_vault(database, tmp_path / "vault"), 1)
    async with running_admin(database, tmp_path) as url, working(url, BORAS_TOKEN) as bora:
        async with working(url, ANNAS_TOKEN) as anna:
            stolen = anna.token
        for token in ("", "0" * 64, stolen):
            forged = Worker(bora.http, url, token)
            for path, body in (("word", {"photo": photo, "label": "paper"}), ("undo", {"word": 1}), ("logout", {})):
                assert await code_of(await forged.post(path, body)) == (403, "not_ours")
        plain = await bora.http.post(f"{url}admin/api/login", data='{"token": "x"}', headers={HEADER: "login"})
        assert await code_of(plain) == (400, "bad_request")
        garbage = {HEADER: "login", "Content-Type": "application/json", "Content-Encoding": "deflate"}
        packed = await bora.http.post(f"{url}admin/api/login", data=b"garbage", headers=garbage)
        assert await code_of(packed) == (400, "bad_request")
        bare = await bora.http.post(f"{url}admin/api/login", json={"token": BORAS_TOKEN})
        assert await code_of(bare) == (403, "not_ours")
        for wrong in (
            {"photo": photo},
            {"photo": photo, "label": "wood"},
            {"photo": photo, "label": "paper", "rejected": "personal"},
            {"photo": "../../etc/passwd", "label": "paper"},
            [photo],
        ):
            assert await code_of(await bora.post("word", wrong)) == (400, "bad_request")
        assert await bora.queue(unlabelled="true") == [photo]


@on_sqlite
async def test_wrong_tokens_are_refused_counted_and_written_down(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with running_admin(database, tmp_path, logins_per_minute=2) as url, working(url) as stranger:
        for path in ("api/queue", "api/figures", "photos/nothing"):
            assert await code_of(await stranger.get(path)) == (403, "signed_out")
        assert await code_of(await stranger.post("export", {})) == (403, "signed_out")
        assert await code_of(await stranger.sign_in("a guess of mine")) == (403, "wrong_token")
        answer = await stranger.sign_in(ANNAS_TOKEN)
        assert answer.status == 200
        refused = await stranger.sign_in(ANNAS_TOKEN)
        assert await code_of(refused) == (429, "too_often")
        assert int(refused.headers["Retry-After"]) > 0
    assert await deeds(database) == [("?", "admin-refused"), ("anna", "admin-login"), ("anna", "admin-logout")]
    rows = await database.audit.newest()
    assert len({each.detail["client"] for each in rows if "client" in each.detail}) == 1
    assert "127.0.0.1" not in str(rows), "which address it was is nobody's business for good"
    assert "a guess of mine" not in caplog.text + str(rows)


@on_sqlite
async def test_all_clients_together_may_try_only_so_often(database: Database, tmp_path: Path) -> None:
    options = WebOptions(trust_proxy=True)
    async with running_admin(database, tmp_path, options, all_logins_per_minute=3) as url, working(url) as many:
        codes = []
        for number in range(5):
            answer = await many.http.post(
                f"{url}admin/api/login",
                json={"token": "a guess"},
                headers={HEADER: "login", "X-Forwarded-For": f"192.0.2.{number}"},
            )
            codes.append(answer.status)
    assert codes == [403, 403, 403, 429, 429]


@on_sqlite
async def test_a_stay_ends_by_itself(database: Database, tmp_path: Path) -> None:
    async with running_admin(database, tmp_path, idle_seconds=0.0) as url, working(url, BORAS_TOKEN) as bora:
        assert await code_of(await bora.get("api/queue")) == (403, "signed_out")
    assert await deeds(database) == [("bora", "admin-login"), ("bora", "admin-logout")]


@on_sqlite
async def test_what_the_database_would_not_take_is_written_down_later(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = await keep(database, open_vault(database, tmp_path / "vault"), 1)
    finish = database.labels.finish
    tried, is_back = asyncio.Event(), asyncio.Event()

    async def away(*_given: object) -> None:
        tried.set()
        raise DatabaseUnavailable("away")

    async def back(*given: Any) -> None:
        await finish(*given)
        is_back.set()

    async with running_admin(database, tmp_path, settle_seconds=0.02) as url, working(url, BORAS_TOKEN) as bora:
        await bora.post("word", {"photo": photo, "label": "paper"})
        monkeypatch.setattr(database.labels, "finish", away)
        assert (await bora.post("logout", {})).status == 200
        assert tried.is_set()
        assert await deeds(database) == [("bora", "admin-login"), ("bora", "import")]
        monkeypatch.setattr(database.labels, "finish", back)
        async with asyncio.timeout(60):
            await is_back.wait()
    assert await deeds(database) == [("bora", "admin-login"), ("bora", "import"), ("bora", "admin-logout")]
    [left, *_] = await database.audit.newest()
    assert left.at is not None
    assert datetime.fromisoformat(left.detail["ended"]) <= left.at
    sitting = await database.labels.get_import(left.detail["import"])
    assert sitting is not None
    assert sitting.finished_at is not None


@on_sqlite
async def test_the_cookie_and_the_answers_are_out_of_others_reach(database: Database, tmp_path: Path) -> None:
    options = WebOptions(trust_proxy=True)
    async with running_admin(database, tmp_path, options) as url, working(url) as anna:
        answer = await anna.http.post(
            f"{url}admin/api/login",
            json={"token": ANNAS_TOKEN},
            headers={HEADER: "login", "X-Forwarded-Proto": "https"},
        )
        cookie = answer.headers["Set-Cookie"]
        for part in ("HttpOnly", "SameSite=Strict", "Secure", "Path=/admin", "Max-Age=28800"):
            assert part in cookie
        page = await anna.get("")
        assert page.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert await code_of(await anna.get("static/nothing.js")) == (404, "not_found")
        assert (await anna.get("static/admin.js")).status == 200
