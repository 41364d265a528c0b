"""The vault's keys in a file of their own, which lies apart from the database and from the photos."""

import os
import secrets
from pathlib import Path

from db.errors import KeysUnusable
from db.folder_lock import alone_in
from db.vault_keys import Keys, WrappedKey, read_keys, written_key


class KeyFile:
    """A ``KeyRing`` in a file, one ``ID:KEY`` a line, the newest last. It is read anew for each photo.

    So a running bot wraps with a new key as soon as the file has it, and `bunri vault rotate` leaves nothing behind.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def place(self) -> str:
        """The file."""
        return str(self._path)

    def exists(self) -> bool:
        """Whether there is one; a file that cannot be looked at counts as there."""
        try:
            return self._path.exists()
        except OSError:
            return True

    def ids(self) -> tuple[str, ...]:
        """The keys' ids, the newest last.

        Raises:
            KeysUnusable: the file cannot be read, or is written wrongly.

        """
        return self._read().ids

    def newest(self) -> str:
        """See ``KeyRing``."""
        return self._read().ids[-1]

    def wrap(self, data_key: bytes, context: bytes) -> WrappedKey:
        """See ``KeyRing``."""
        return self._read().wrap(data_key, context)

    def unwrap(self, key: WrappedKey, context: bytes) -> bytes:
        """See ``KeyRing``."""
        return self._read().unwrap(key, context, self.place)

    def add(self, key_id: str) -> None:
        """Make a new key at the file's end; the file too, mode 0600, where it is not there. On disk at return.

        Of several processes that add at once, each one's key stays.

        Raises:
            KeysUnusable: the id is taken or no id, or the file cannot be written.

        """
        self._grow(key_id, only_first=False)

    def begin(self, key_id: str) -> None:
        """Make the file with this key, as ``add`` does, unless there is one by now.

        Raises:
            KeysUnusable: the file cannot be written.

        """
        self._grow(key_id, only_first=True)

    def _grow(self, key_id: str, *, only_first: bool) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # Two that read the same file would each write it without the other's key.
            with alone_in(self._path.parent):
                if not self.exists():
                    self._replace(f"{written_key(key_id)}\n".encode(), None)
                elif not only_first:
                    if key_id in self.ids():
                        raise KeysUnusable(f"there is a key {key_id} in {self.place} already")
                    before = self._path.read_bytes().rstrip()
                    self._replace(before + f"\n{written_key(key_id)}\n".encode(), self._path.stat())
        except OSError as error:
            raise KeysUnusable(f"the key file {self._path} cannot be written: {error.strerror}") from error

    def _replace(self, content: bytes, before: os.stat_result | None) -> None:
        """The whole file at once; it stays its owner's, who may be another than the operator at the terminal."""
        draft = self._path.with_name(f".{self._path.name}.{secrets.token_hex(8)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                if before is not None and before.st_uid != os.geteuid():
                    os.fchown(handle, before.st_uid, before.st_gid)
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)
            _sync(self._path.parent)
        finally:
            draft.unlink(missing_ok=True)

    def _read(self) -> Keys:
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise KeysUnusable(
                f"the vault's key file {self._path} is not there: restore it, or make one with `bunri vault new-key` "
                "where no photo was kept yet"
            ) from error
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise KeysUnusable(f"the vault's key file {self._path} cannot be read: {reason}") from error
        return read_keys(text, self.place)


def _sync(folder: Path) -> None:
    """A rename is on disk only once the folder is, and photos hang on the new key from now on."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
