"""A server that is measured: a process of its own, from its start to its end."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from bunri.benchmark.host.load import Endpoint, client, send

_PATIENCE_S: Final = 180.0
_END_S: Final = 20.0


class ServerFailed(Exception):
    """A server that was to be measured did not come up."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers.

    Attributes:
        endpoint: where photos go.
        pid: of its first process.
        http: the client.

    """

    endpoint: Endpoint
    pid: int
    http: aiohttp.ClientSession

    def memory_mb(self) -> float | None:
        """What its first process holds now, in MB; None where the system does not tell."""
        return _resident_mb(self.pid)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def running(
    words: Sequence[str], endpoint: Endpoint, photo: bytes, environment: dict[str, str]
) -> AsyncIterator[Running]:
    """Start ``python WORDS``, wait until it answers a photo, and end it with all its children.

    Raises:
        ServerFailed: it ended, or answered nothing for three minutes.

    """
    command = [sys.executable, *words]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: ASYNC220, S603 - our own words, and nothing else runs meanwhile
            command, stdout=said, stderr=said, env={**os.environ, **environment}, start_new_session=True
        )
        try:
            async with client() as http:
                if not await _answers(process, http, endpoint, photo):
                    said.seek(0)
                    raise ServerFailed(f"{' '.join(words)}: {said.read().decode(errors='replace')[-2000:]}")
                yield Running(endpoint, process.pid, http)
        finally:
            await asyncio.to_thread(_end, process)


async def _answers(
    process: subprocess.Popen[bytes], http: aiohttp.ClientSession, endpoint: Endpoint, photo: bytes
) -> bool:
    end = time.monotonic() + _PATIENCE_S
    while process.poll() is None and time.monotonic() < end:
        if (await send(http, endpoint, photo)).status == 200:
            return True
        await asyncio.sleep(0.2)
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_END_S)
    with contextlib.suppress(ProcessLookupError):  # children that outlived it
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _resident_mb(pid: int) -> float | None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text("ascii", errors="replace").splitlines()
    except OSError:
        return None
    kilobytes = next((line.split()[1] for line in lines if line.startswith("VmRSS")), None)
    return None if kilobytes is None else int(kilobytes) * 1024 / 1e6
