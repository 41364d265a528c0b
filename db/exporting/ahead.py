"""Work that is begun a little ahead of its turn, and taken in order."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


async def in_order(
    things: Iterable[A], work: Callable[[A], Awaitable[B]], ahead: int
) -> AsyncGenerator[tuple[A, B], None]:
    """Each thing with what became of it, in order, while the work on the next ``ahead`` goes on.

    Close the iterator (``contextlib.aclosing``) where it is left early: what was begun is then cancelled.
    """
    begun: deque[tuple[A, asyncio.Task[B]]] = deque()

    async def do(thing: A) -> B:
        return await work(thing)

    try:
        for thing in things:
            begun.append((thing, asyncio.create_task(do(thing))))
            if len(begun) > ahead:
                first, task = begun[0]
                done = await task
                begun.popleft()
                yield first, done
        while begun:
            first, task = begun[0]
            done = await task
            begun.popleft()
            yield first, done
    finally:
        for _, task in begun:
            task.cancel()
        await asyncio.gather(*(task for _, task in begun), return_exceptions=True)
