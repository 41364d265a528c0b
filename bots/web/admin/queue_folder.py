"""A folder for queues while they are put in order: its owner's alone, for the processes of one page together."""

import fcntl
import logging
import os
import shutil
from pathlib import Path
from typing import Final

_LOCK: Final = ".lock"

_log = logging.getLogger(__name__)


class QueueFolder:
    """The folder. What a process that was killed leaves in it is deleted by the next one that begins alone."""

    def __init__(self, folder: Path) -> None:
        """Nothing is made before it is asked for."""
        self._folder = folder
        self._lock: int | None = None

    def sweep(self) -> None:
        """Delete what killed processes left, unless another one works in it; blocks.

        Raises:
            OSError: it cannot be deleted.

        """
        if not self._folder.is_dir():
            return
        lock = self._open()
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for each in self._folder.iterdir():
                if each.is_dir() and not each.is_symlink():
                    shutil.rmtree(each)
        except BlockingIOError:
            return
        finally:
            os.close(lock)

    def path(self) -> Path | None:
        """Where to work, until ``close``; made at need. None where it cannot be made. Blocks.

        A container whose photos are in a bucket may have no place to write but its ``/tmp``, which goes with it.
        """
        if self._lock is None:
            try:
                self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._folder.chmod(0o700)
                self._lock = self._open()
            except OSError as error:
                _log.warning("queues are put in order among temporary files: %s", error.strerror)
                return None
            fcntl.flock(self._lock, fcntl.LOCK_SH)
        return self._folder

    def close(self) -> None:
        """Let others sweep it."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _open(self) -> int:
        return os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
