"""A folder as a zip, piece by piece: nothing of it is written to the disk or held whole."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_PIECE: Final = 256 * 1024
_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)
"""A zip's first moment: when a photo was written says nothing of anybody's use."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of the zip.

    Attributes:
        data: at most some 260 kilobytes.
        file: of which file it is a part; None for the zip's own end.

    """

    data: bytes = field(repr=False)
    file: Path | None = None


class _Pipe(io.RawIOBase):
    """What is written, until it is taken."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        self._pieces.append(piece)
        return len(piece)

    def take(self) -> bytes:
        taken, self._pieces = b"".join(self._pieces), []
        return taken


def zipped(folder: Path) -> Iterator[Piece]:
    """Every file in it and below, under the folder's own name. Photos do not become smaller: no compression. Blocks.

    Label Studio's tasks name each photo from that folder on; unpacked, it is where they say.

    Raises:
        OSError: a file cannot be read.

    """
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(each for each in folder.rglob("*") if each.is_file()):
            described = zipfile.ZipInfo(file.relative_to(folder.parent).as_posix(), _LONG_AGO)
            described.external_attr = 0o600 << 16
            with file.open("rb") as source, archive.open(described, "w") as member:
                while piece := source.read(_PIECE):
                    member.write(piece)
                    yield Piece(pipe.take(), file)
    yield Piece(pipe.take())
