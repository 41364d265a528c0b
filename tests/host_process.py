"""``bunri serve`` and ``bunri cluster`` as an operator runs them."""

import asyncio
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

TOKEN = "the-token-of-a-process"


@dataclass
class HostProcess:
    """A running host; its log grows on a thread, so that a full pipe never stops it."""

    process: subprocess.Popen[str]
    log: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The address that it prints once it listens."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.search(r"https?://\S+/", line)
        assert found, line + "".join(self.log)
        return found[0]

    def ends(self) -> int:
        """Its exit code."""
        return self.process.wait(timeout=60)


def bunri_serve(weights: Path, *arguments: str, **settings: str) -> AbstractContextManager[HostProcess]:
    """The command on a free port; ended at the latest with the test."""
    return bunri_host(weights, "serve", *arguments, **settings)


@contextmanager
def bunri_host(weights: Path, *words: str, **settings: str) -> Iterator[HostProcess]:
    """This command with these arguments, on a free port; ended at the latest with the test."""
    home = {
        "BUNRI_INFERENCE__WEIGHTS": str(weights),
        "BUNRI_INFERENCE__BACKEND": "openvino",
        "BUNRI_SERVE__TOKENS": TOKEN,
        "BUNRI_SERVE__PORT": "0",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "bunri.cli", *words],
        env={**os.environ, **home, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    host = HostProcess(process)
    assert process.stderr is not None
    reading = threading.Thread(target=host.log.extend, args=(process.stderr,))
    reading.start()
    try:
        yield host
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        reading.join()
        process.stderr.close()
        if process.stdout is not None:
            process.stdout.close()


async def ready(http: aiohttp.ClientSession, url: str) -> None:
    """Wait until it takes requests."""
    while True:
        async with http.get(f"{url}readyz") as answer:
            if answer.status == 200:
                return
        await asyncio.sleep(0.05)


def caller(connections: int = 100) -> aiohttp.ClientSession:
    """A session that shows the token."""
    connector = aiohttp.TCPConnector(limit=connections)
    return aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}, connector=connector)
