"""Where the vault's sealed photos lie: what a folder and a bucket have in common."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

SUFFIX: Final = ".sealed"
"""Behind each blob's name, so that nothing else that lies there is taken for one."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A blob that is there.

    Attributes:
        name: as it was given to ``put``.
        size: in bytes.
        modified: when it was written; aware.

    """

    name: str
    size: int
    modified: datetime


class BlobStore(Protocol):
    """Bytes by name. Names are of 1 to 64 letters, digits, ``-`` and ``_``.

    Every call blocks and may take as long as the network takes: use worker threads. Calls from several threads at
    once, and from several processes, do not disturb each other. What goes wrong is a ``StorageUnavailable`` whose
    sentence names the place and holds no secret.
    """

    @property
    def place(self) -> str:
        """For sentences to the operator: a path or an address, without credentials."""

    def put(self, name: str, blob: bytes) -> None:
        """Write it, in place of what had this name. All of it lasts when this returns; where it raises, none is seen.

        Raises:
            StorageUnavailable: it could not be written.

        """

    def get(self, name: str) -> bytes:
        """What was put.

        Raises:
            PhotoMissing: there is none of this name.
            StorageUnavailable: the place cannot be read.

        """

    def delete(self, names: Sequence[str]) -> None:
        """Delete those of them that are there, and look that none is left.

        Raises:
            StorageUnavailable: one of them may still be there.

        """

    def listed(self) -> Iterator[Stored]:
        """All blobs, in no order; a few at a time are in memory.

        Raises:
            StorageUnavailable: the place cannot be read.

        """

    def drop_drafts(self, before: datetime) -> int:
        """Delete what writers that died before this moment left unfinished; how many that was.

        Raises:
            StorageUnavailable: the place cannot be read or written.

        """
