"""How many use a thing that must not be closed under their hands."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

_Result = TypeVar("_Result")
_Arguments = ParamSpec("_Arguments")


class Usage:
    """Counts users, in tasks and in threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._unused = threading.Event()
        self._unused.set()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """A user, for as long as the block runs."""
        self._begin()
        try:
            yield
        finally:
            self._end()

    def submit(
        self,
        threads: ThreadPoolExecutor,
        work: Callable[_Arguments, _Result],
        *args: _Arguments.args,
        **kwargs: _Arguments.kwargs,
    ) -> Future[_Result]:
        """Work on a thread as a user, to its end: also when whoever waits for it is cancelled."""
        self._begin()
        try:
            future = threads.submit(work, *args, **kwargs)
        except BaseException:
            self._end()
            raise
        # Called as well where the work is cancelled before it began.
        future.add_done_callback(lambda _: self._end())
        return future

    def wait(self) -> None:
        """Block until there are no users."""
        self._unused.wait()

    def _begin(self) -> None:
        with self._lock:
            self._users += 1
            self._unused.clear()

    def _end(self) -> None:
        with self._lock:
            self._users -= 1
            if not self._users:
                self._unused.set()
