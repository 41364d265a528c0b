"""Blobs as files of one folder, which is its owner's only."""

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from db.blobs import SUFFIX, Stored
from db.errors import PhotoMissing, StorageUnavailable

_DRAFT: Final = ".draft"
"""Behind a blob's name and a random word: writers of the same blob, living and dead, do not meet."""

_NO_FILE: Final = frozenset({errno.ELOOP, errno.EISDIR, errno.ENXIO})
"""What the system says of a link, a folder and a socket."""


class FolderBlobs:
    """A ``BlobStore`` on a local disk. Made at the first write, mode 0700, files 0600."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def place(self) -> str:
        """The folder."""
        return str(self._folder)

    def put(self, name: str, blob: bytes) -> None:
        """See ``BlobStore``: written beside, then renamed, each synced."""
        draft = self._folder / f"{name}.{secrets.token_hex(8)}{_DRAFT}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(blob)
                    file.flush()
                    os.fsync(file.fileno())
                draft.rename(self._path(name))
            except OSError:
                with contextlib.suppress(OSError):
                    draft.unlink(missing_ok=True)
                raise
            self._sync()
        except OSError as error:
            raise StorageUnavailable(f"photos cannot be kept in {self._folder}: {error.strerror}") from error

    def get(self, name: str) -> bytes:
        """See ``BlobStore``. A link, a pipe or anything else that is no file of its own is no photo."""
        try:
            # Without waiting: a pipe that nobody writes to would else hold this thread for good.
            handle = os.open(self._path(name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(handle, "rb") as file:
                if stat.S_ISREG(os.fstat(handle).st_mode):
                    return file.read()
            raise PhotoMissing(f"{name}{SUFFIX} in {self._folder} is no regular file")
        except PhotoMissing:
            raise
        except FileNotFoundError as error:
            raise PhotoMissing(f"there is no file {name}{SUFFIX} in {self._folder}") from error
        except OSError as error:
            if error.errno in _NO_FILE:
                raise PhotoMissing(f"{name}{SUFFIX} in {self._folder} is no regular file") from error
            raise StorageUnavailable(f"photos in {self._folder} cannot be read: {error.strerror}") from error

    def delete(self, names: Sequence[str]) -> None:
        """See ``BlobStore``."""
        try:
            if not self._folder.exists():
                return
            for name in names:
                self._path(name).unlink(missing_ok=True)
            gone = set(names)
            for entry, _ in self._entries(_DRAFT):
                if entry.name.partition(".")[0] in gone:
                    Path(entry.path).unlink(missing_ok=True)
            self._sync()
            left = [name for name in names if os.path.lexists(self._path(name))]
        except OSError as error:
            raise StorageUnavailable(f"photos in {self._folder} cannot be deleted: {error.strerror}") from error
        if left:
            raise StorageUnavailable(f"photos in {self._folder} were deleted and are still there: {len(left)}")

    def listed(self) -> Iterator[Stored]:
        """See ``BlobStore``."""
        for entry, state in self._entries(SUFFIX):
            yield Stored(entry.name.removesuffix(SUFFIX), state.st_size, datetime.fromtimestamp(state.st_mtime, tz=UTC))

    def drop_drafts(self, before: datetime) -> int:
        """See ``BlobStore``."""
        dropped = 0
        for entry, state in self._entries(_DRAFT):
            if state.st_mtime < before.timestamp():
                try:
                    Path(entry.path).unlink(missing_ok=True)
                except OSError as error:
                    raise StorageUnavailable(f"{entry.path} cannot be deleted: {error.strerror}") from error
                dropped += 1
        return dropped

    def _entries(self, suffix: str) -> Iterator[tuple[os.DirEntry[str], os.stat_result]]:
        try:
            with os.scandir(self._folder) as entries:
                for entry in entries:
                    if entry.name.endswith(suffix):
                        with contextlib.suppress(FileNotFoundError):  # deleted since
                            yield entry, entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            return  # not made yet
        except OSError as error:
            raise StorageUnavailable(f"photos in {self._folder} cannot be read: {error.strerror}") from error

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{SUFFIX}"

    def _sync(self) -> None:
        """A rename or a deletion is on disk only once the folder is."""
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
