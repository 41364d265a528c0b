"""Spreading work over processes, results in the order of the items."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_processes(function: Callable[[Item], Result], items: Sequence[Item], processes: int) -> Iterator[Result]:
    """Map over the items, in order; in this process where ``processes`` is at most 1.

    Args:
        function: can be pickled, like its items and results.
        items: the work.
        processes: how many at once.

    """
    if processes <= 1:
        yield from map(function, items)
        return
    # Not fork: the parent may hold torch's threads, of which a forked child inherits the locks but no thread.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        yield from pool.map(function, items, chunksize=32)
