import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bunri.settings import PROJECT_ROOT
from tests.tiny_photos import scene, write_photo


@pytest.fixture
def surroundings(own_weights: Path, tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(PROJECT_ROOT),
        "PYTHONIOENCODING": "utf-8",
        "BUNRI_INFERENCE__WEIGHTS": str(own_weights),
        "BUNRI_INFERENCE__BACKEND": "openvino",
        "BUNRI_DATABASE__URL": f"sqlite:///{tmp_path / 'bunri.db'}",
        "BUNRI_DATABASE__SECRET_FILE": str(tmp_path / "secret.key"),
        "BUNRI_LANGUAGE": "en",
    }


def chat(lines: str, surroundings: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bunri.cli", "chat"],
        input=lines,
        env=surroundings,
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_a_piped_conversation_is_answered_line_by_line(surroundings: dict[str, str], tmp_path: Path) -> None:
    write_photo(tmp_path, "a photo.jpg", scene(1))
    done = chat("/guide paper\n1\nphoto a photo.jpg\nphoto none.jpg", surroundings, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    greeting, _, answers = done.stdout.partition("[1]")
    assert "Bunri" in greeting
    assert "Paper" in answers
    assert "photo bottle.jpg" in done.stdout  # how to name the photo that is not there
    assert "group" not in greeting, "a terminal has none"


def test_quit_ends_the_conversation(surroundings: dict[str, str], tmp_path: Path) -> None:
    done = chat("/quit\n/lang\n", surroundings, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "language" not in done.stdout.lower()


def test_a_signal_ends_it_while_nothing_is_typed(surroundings: dict[str, str], tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "bunri.cli", "chat"],
        env=surroundings,
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()  # the greeting: it is ready
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
        assert process.stderr.read() == b""


def test_the_database_and_its_secret_are_readable_by_their_owner_only(
    surroundings: dict[str, str], tmp_path: Path
) -> None:
    chat("/quit\n", surroundings, tmp_path)
    for name in ("bunri.db", "secret.key"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
