"""``bunri web`` as an operator runs it: it says where it is, stops when asked, and fails in one line."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import aiohttp
import pytest
from PIL import Image

from tests.web_site import visiting


@contextmanager
def bunri_web(*arguments: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """The command, with a database of its own; ended at the latest with the test."""
    with tempfile.TemporaryDirectory(prefix="bunri-web-") as folder:
        home = {
            "BUNRI_DATABASE__URL": f"sqlite:///{folder}/bunri.sqlite3",
            "BUNRI_DATABASE__SECRET_FILE": f"{folder}/secret.key",
            "BUNRI_VAULT__FOLDER": f"{folder}/vault",
            "BUNRI_VAULT__KEYS_FILE": f"{folder}/vault.keys",
            "BUNRI_LOG__LEVEL": "WARNING",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "bunri.cli", "web", *arguments],
            env={**os.environ, **home, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()


def address_of(process: subprocess.Popen[str]) -> str:
    """The address that the command prints once it is ready."""
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"http://\S+", line)
    assert found, line + process.communicate()[1]
    return found[0]


def jpeg() -> bytes:
    out = BytesIO()
    Image.new("RGB", (320, 240), (90, 140, 90)).save(out, "JPEG")
    return out.getvalue()


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
async def test_it_answers_a_photo_and_stops_politely_however_often_it_is_asked(
    tiny_weights: Path, signal_number: signal.Signals
) -> None:
    with bunri_web("--port", "0", BUNRI_INFERENCE__WEIGHTS=str(tiny_weights)) as process:
        url = address_of(process)
        async with visiting(url) as someone:
            answer = await someone.send(jpeg(), b"not a photo")
            kinds = [card["kind"] for card in (await answer.json())["cards"]]
            assert kinds[0] in {"answer", "ask", "not_waste"}
            assert kinds[1] == "problem"
        for _ in range(3):
            process.send_signal(signal_number)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    assert errors == ""


async def test_a_port_in_use_is_one_clear_line(tiny_weights: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with bunri_web("--port", port, BUNRI_INFERENCE__WEIGHTS=str(tiny_weights)) as process:
            _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    in_use = f"Error: 127.0.0.1, port {port} is in use by another program"
    assert errors == f"{in_use}: stop it, or choose another with --port\n"


def test_missing_weights_are_one_clear_line(tmp_path: Path) -> None:
    with bunri_web("--port", "0", BUNRI_INFERENCE__WEIGHTS=str(tmp_path / "none")) as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.startswith("Error: ")
    assert errors.count("\n") == 1


def test_a_faulty_setting_is_named() -> None:
    with bunri_web(BUNRI_WEB__PORT="ninety") as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "BUNRI_WEB__PORT" in errors
    assert errors.count("\n") == 1


def test_an_empty_address_is_refused_since_it_would_listen_to_everybody() -> None:
    with bunri_web("--port", "0", BUNRI_WEB__HOST="") as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "BUNRI_WEB__HOST" in errors
    with bunri_web("--port", "0", "--host", "") as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 2


def test_an_impossible_port_is_wrong_usage() -> None:
    with bunri_web("--port", "70000") as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "70000" in errors


async def test_the_health_check_answers(tiny_weights: Path) -> None:
    with bunri_web("--port", "0", BUNRI_INFERENCE__WEIGHTS=str(tiny_weights)) as process:
        async with aiohttp.ClientSession() as http, http.get(f"{address_of(process)}healthz") as answer:
            assert answer.status == 200
            assert await answer.json() == {"status": "ok", "database": "ok", "adapters": {"web": "ok"}}


def test_importing_the_bots_does_not_import_torch() -> None:
    code = "import sys, bots.web, bots.conversation, bunri.wiring; print('torch' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"
