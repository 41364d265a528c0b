"""The vault's keys in a file of their own, which lies apart from the database and from the photos."""

import contextlib
import os
from pathlib import Path

from db.errors import KeysUnusable
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

        Raises:
            KeysUnusable: the id is taken or no id, or the file cannot be written.

        """
        is_new = not self.exists()
        if not is_new and key_id in self.ids():
            raise KeysUnusable(f"there is a key {key_id} in {self.place} already")
        line = f"{written_key(key_id)}\n".encode()
        try:
            before = b"" if is_new else self._path.read_bytes().rstrip() + b"\n"
            self._replace(before + line, is_new=is_new)
        except OSError as error:
            raise KeysUnusable(f"the key file {self._path} cannot be written: {error.strerror}") from error

    def _replace(self, content: bytes, *, is_new: bool) -> None:
        """The whole file at once."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if is_new:
                with contextlib.suppress(FileExistsError):  # of two that start together, one makes it and both read it
                    os.link(draft, self._path)
            else:
                draft.replace(self._path)
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
