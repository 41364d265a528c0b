"""A folder for one export in the making: its owner's alone, one process at a time, empty before and after."""

import fcntl
import os
import shutil
from pathlib import Path
from typing import Final

from bots.web.errors import Refusal, RequestRefusedError

_LOCK: Final = ".lock"
_LATER: Final = 30.0


class Scratch:
    """The folder, held; blocks. What a process that was killed left in it is deleted by the next one."""

    def __init__(self, folder: Path) -> None:
        """Take it.

        Raises:
            RequestRefusedError: another process has it.
            OSError: it cannot be made.

        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        self._folder = folder
        self._lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            raise RequestRefusedError(Refusal.EXPORTING, retry_after=_LATER) from error
        try:
            self._empty()
        except OSError:
            os.close(self._lock)
            raise

    @property
    def export(self) -> Path:
        """Where the export is made."""
        return self._folder / "bunri-export"

    def release(self) -> None:
        """Delete what is in it, and let others have it."""
        try:
            self._empty()
        finally:
            os.close(self._lock)

    def _empty(self) -> None:
        for each in self._folder.iterdir():
            if each.is_dir() and not each.is_symlink():
                shutil.rmtree(each)
            elif each.name != _LOCK:
                each.unlink()


def sweep(folder: Path) -> None:
    """Delete what a process that was killed left there, unless somebody is at it; blocks."""
    if folder.is_dir():
        try:
            Scratch(folder).release()
        except (RequestRefusedError, OSError):
            return
