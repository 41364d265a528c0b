"""The programs of docker/, run: the linter's verdict, the health check, the script that makes the secrets."""

import os
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from tests.container_files import DOCKER, DOCKERFILE, read_compose

HADOLINT = Path(sys.executable).with_name("hadolint")
HEALTH_CHECK = DOCKER / "healthcheck.py"


def linted(text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([HADOLINT, "--no-color", "-"], input=text, capture_output=True, text=True, check=False)


def test_the_linter_finds_nothing_in_the_dockerfile() -> None:
    done = linted(DOCKERFILE.read_text(encoding="utf-8"))
    assert (done.returncode, done.stdout) == (0, "")


def test_the_linter_finds_what_is_wrong() -> None:
    done = linted("FROM python\nUSER root\nCMD bunri web\n")
    assert done.returncode == 1
    assert {"DL3006", "DL3002", "DL3025"} <= {line.split()[1] for line in done.stdout.splitlines()}


@pytest.fixture
async def address() -> AsyncIterator[str]:
    async def ill(request: web.Request) -> web.Response:
        del request
        return web.json_response({"status": "ill"}, status=503)

    async def well(request: web.Request) -> web.Response:
        del request
        return web.json_response({"status": "ok"})

    app = web.Application()
    app.router.add_get("/ill", ill)
    app.router.add_get("/well", well)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def exit_code_of(*arguments: str, **environment: str) -> tuple[int, bytes]:
    import asyncio

    process = await asyncio.create_subprocess_exec(
        sys.executable,
        HEALTH_CHECK,
        *arguments,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output


async def test_the_health_check_is_the_answer_of_the_page(address: str) -> None:
    assert await exit_code_of(f"{address}/well") == (0, b"")
    assert await exit_code_of(f"{address}/ill") == (1, b"")
    assert await exit_code_of(f"{address}/nowhere") == (1, b"")


async def test_the_health_check_asks_no_proxy(address: str) -> None:
    assert await exit_code_of(f"{address}/well", http_proxy="http://127.0.0.1:9") == (0, b"")


async def test_a_container_that_does_not_listen_is_not_well(unused_tcp_port: int) -> None:
    assert await exit_code_of(f"http://127.0.0.1:{unused_tcp_port}/healthz") == (1, b"")
    assert await exit_code_of("no address") == (1, b"")


async def test_a_health_check_of_nothing_is_wrong_usage() -> None:
    assert (await exit_code_of())[0] == 2


def make_secrets(folder: Path) -> str:
    done = subprocess.run(
        ["sh", DOCKER / "make-secrets.sh", folder], capture_output=True, text=True, check=True, umask=0o022
    )
    return done.stdout


def test_the_script_makes_every_secret_that_compose_mounts_once(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    make_secrets(folder)
    made = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert set(made) == set(read_compose("compose.yaml")["secrets"])
    assert made["telegram_token"] == made["discord_token"] == ""
    password = made["database_password"]
    assert made["database_passfile"] == f"database:5432:bunri:bunri:{password}\n"
    drawn = {made["bunri_secret"], made["inference_token"], password}
    assert len(drawn) == 3
    assert all(len(each) == 64 for each in drawn)

    make_secrets(folder)
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == made


def test_the_secrets_are_readable_by_their_container_alone(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    make_secrets(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o400
    if os.geteuid() != 0:
        return
    readers = {name: int(each["user"].split(":")[0]) for name, each in read_compose("compose.yaml")["services"].items()}
    for service, user in readers.items():
        for secret in read_compose("compose.yaml")["services"][service]["secrets"]:
            assert (folder / secret).stat().st_uid == user
