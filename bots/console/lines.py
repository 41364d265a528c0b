"""Lines from a terminal or a pipe, without holding up the event loop or the end of the process."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from typing import Final

_CHUNK: Final = 4096
_LONGEST: Final = 65_536
"""Bytes of a line; a longer one is cut there: it is no question, and memory has an end."""


async def lines_of(descriptor: int) -> AsyncIterator[str]:
    """The lines that come in, without their ends; ends with the input.

    A thread reads: a terminal, a pipe and a file can all be read that way. It is a daemon and reads the descriptor
    itself, for nothing can interrupt it while it waits, and a process that is stopped must not wait for it.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[str | None] = asyncio.Queue()
    room = threading.Semaphore(16)

    def hand_over(line: str | None) -> None:
        room.acquire()
        loop.call_soon_threadsafe(queue.put_nowait, line)

    def read() -> None:
        rest = b""
        try:
            while chunk := os.read(descriptor, _CHUNK):
                *whole, rest = (rest + chunk).split(b"\n")
                for line in whole:
                    hand_over(_text(line))
                rest = rest[:_LONGEST]
            if rest:
                hand_over(_text(rest))
            hand_over(None)
        except OSError:
            hand_over(None)
        except RuntimeError:
            pass  # the event loop has closed: nobody listens any more

    threading.Thread(target=read, name="console", daemon=True).start()
    while (line := await queue.get()) is not None:
        room.release()
        yield line


def _text(line: bytes) -> str:
    return line[:_LONGEST].decode(errors="replace").rstrip("\r")
