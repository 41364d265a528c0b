"""The folder of an export: made, locked, written file by file, each whole or not there."""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from db.exporting.errors import ExportRefused
from db.exporting.request import ExportRequest

MANIFEST: Final = "manifest.json"
WORK: Final = ".unfinished"
_DONE: Final = ".finished"


@dataclass(frozen=True, slots=True)
class Begun:
    """An export at its start: its id, 32 random hexadecimal digits; when it began; what was asked of it."""

    id: str
    at: datetime
    request: ExportRequest


class ExportFolder:
    """An export in the making. One process at a time; leave it by ``with``."""

    def __init__(self, folder: Path, lock: int, begun: Begun) -> None:
        """For ``open``."""
        self.path = folder
        self.begun = begun
        self._lock = lock

    @classmethod
    def open(cls, folder: Path, request: ExportRequest) -> Self:
        """Begin in a new or empty folder, or go on in one where the same was begun.

        Raises:
            ExportRefused: something else is there, or another process is at it.
            OSError: the folder cannot be written.

        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.rmtree(folder / _DONE, ignore_errors=True)
        work = folder / WORK
        found = [each.name for each in folder.iterdir()]
        if WORK not in found:
            if MANIFEST in found:
                raise ExportRefused(f"{folder} holds a finished export: choose another folder")
            if found:
                raise ExportRefused(f"{folder} is not empty: choose a new folder")
            with suppress(PermissionError):  # somebody else's folder, which they opened to us
                folder.chmod(0o700)
            work.mkdir(mode=0o700, exist_ok=True)
        lock = _locked(work)
        try:
            return cls(folder, lock, _begun(work, folder, request))
        except BaseException:
            os.close(lock)
            raise

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let others at it."""
        os.close(self._lock)

    @property
    def plan(self) -> Path:
        """Where the plan is, once it is whole."""
        return self.path / WORK / "plan.db"

    @property
    def plan_draft(self) -> Path:
        """Where the plan is made."""
        return self.path / WORK / "plan.draft"

    def write(self, name: str, pieces: Iterable[bytes]) -> tuple[str, int]:
        """Write a file, whole or not at all; its SHA-256 and its size in bytes.

        Args:
            name: its path in the export, with forward slashes.
            pieces: what is in it.

        """
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path / WORK / "file.draft"
        digest, size = hashlib.sha256(), 0
        with draft.open("wb") as file:
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
                size += len(piece)
        draft.replace(path)
        return digest.hexdigest(), size

    def has(self, name: str, size: int) -> bool:
        """Whether this file is there, of this many bytes."""
        try:
            return (self.path / name).stat().st_size == size
        except FileNotFoundError:
            return False

    def remove(self, name: str) -> None:
        """Delete a file, if it is there, and its folder, if that is then empty."""
        path = self.path / name
        path.unlink(missing_ok=True)
        if path.parent != self.path and path.parent.exists() and not any(path.parent.iterdir()):
            path.parent.rmdir()

    def finish(self) -> None:
        """Let go of everything but the export itself."""
        (self.path / WORK).rename(self.path / _DONE)
        shutil.rmtree(self.path / _DONE)


def _begun(work: Path, folder: Path, request: ExportRequest) -> Begun:
    file = work / "request.json"
    if not file.exists():
        begun = Begun(secrets.token_hex(16), datetime.now(UTC), request)
        draft = work / "request.draft"
        draft.write_text(json.dumps({"id": begun.id, "at": begun.at.isoformat(), "request": request.plain()}), "utf-8")
        draft.replace(file)
        return begun
    try:
        found = json.loads(file.read_text("utf-8"))
        begun = Begun(found["id"], datetime.fromisoformat(found["at"]), ExportRequest.from_plain(found["request"]))
    except (ValueError, TypeError, KeyError) as error:
        raise ExportRefused(
            f"{folder} holds an export of another version of Bunri: delete it and begin anew"
        ) from error
    if begun.request != request:
        raise ExportRefused(
            f"{folder} holds an unfinished export that was asked for otherwise: give the same options, or delete it"
        )
    return begun


def _locked(work: Path) -> int:
    handle = os.open(work / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise ExportRefused(f"another process is exporting to {work.parent}") from error
    return handle
