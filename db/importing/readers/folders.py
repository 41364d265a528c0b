"""Photos sorted into a folder for each label: on disk, or in a zip as CVAT writes "ImageNet 1.0".

Only names are read. No file is opened, and nothing is unpacked.
"""

import lzma
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Final

from db.importing.errors import ImportUnreadable
from db.importing.readers.cvat import read_cvat_stream
from db.importing.vote import Read, Reason, Refusal, Vote, id_in_path

NAME: Final = "folders"
_PHOTOS: Final = (".jpg", ".jpeg", ".png", ".webp")
_NO_LABEL: Final = ("unlabelled", "no_label", "unlabeled")
_MOST_ENTRIES: Final = 1_000_000
_LARGEST_TEXT: Final = 200_000_000
"""Bytes of one entry, unpacked: several times what CVAT writes for 100,000 photos. It is read piece by piece."""

_LARGEST_SYNSETS: Final = 1_000_000
"""Bytes of the list of labels, which is kept."""

_SYNSETS: Final = "synsets.txt"


def read_folders(root: Path) -> Iterator[Read]:
    """Every photo in ``root/.../<label>/``.

    Raises:
        ImportUnreadable: the folder cannot be read.

    """
    try:
        paths = sorted(root.rglob("*"))
    except OSError as error:
        raise ImportUnreadable(f"{root} cannot be read: {error.strerror}") from error
    for path in paths:
        # A name that is no text has halves of characters in it, which no encoding takes.
        place = path.relative_to(root).as_posix().encode("utf-8", "backslashreplace").decode()
        if path.is_symlink():
            yield Refusal(place, Reason.UNSAFE_PATH, "a link")
        elif path.is_file():
            yield from _of_name(place)


def read_zip(file: Path) -> Iterator[Read]:
    """Folders, CVAT's XML, or a list beside ``synsets.txt``, in a zip.

    Raises:
        ImportUnreadable: it is damaged, encrypted or absurdly large.

    """
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            if len(entries) > _MOST_ENTRIES:
                raise ImportUnreadable(f"{file.name} holds {len(entries):,} files, and {_MOST_ENTRIES:,} are the most")
            names = {entry.filename: entry for entry in entries if not entry.is_dir()}
            if "annotations.xml" in names:
                with archive.open(_small(names["annotations.xml"], file, _LARGEST_TEXT)) as stream:
                    yield from read_cvat_stream(_Capped(stream, _LARGEST_TEXT), f"{file.name}/annotations.xml")
            elif _SYNSETS in names:
                yield from _lists(archive, names, file)
            else:
                for name in names:
                    yield from _of_name(name)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError) as error:
        raise ImportUnreadable(f"{file.name} is a damaged zip: {error}") from error
    except RuntimeError as error:  # what zipfile says of a password
        raise ImportUnreadable(f"{file.name} is encrypted") from error
    except (NotImplementedError, EOFError, UnicodeError) as error:
        raise ImportUnreadable(f"{file.name} cannot be read: {error}") from error
    except OSError as error:
        raise ImportUnreadable(f"{file.name} cannot be read: {error.strerror or error}") from error


def _of_name(name: str) -> Iterator[Read]:
    path = PurePosixPath(name)
    if "\\" in name or ":" in name or path.is_absolute() or ".." in path.parts:
        yield Refusal(name, Reason.UNSAFE_PATH)
    elif path.suffix.lower() in _PHOTOS and len(path.parts) > 1 and not path.name.startswith("."):
        label, item_id = path.parts[-2], id_in_path(path.name)
        yield Refusal(name, Reason.NO_LABEL, item_id) if label in _NO_LABEL else Vote(name, item_id, label)


def _lists(archive: zipfile.ZipFile, names: dict[str, zipfile.ZipInfo], file: Path) -> Iterator[Read]:
    """Lines of a path and a number in ``<subset>.txt``; the number counts the lines of ``synsets.txt`` from 0."""
    with archive.open(_small(names[_SYNSETS], file, _LARGEST_SYNSETS)) as stream:
        listed = _Capped(stream, _LARGEST_SYNSETS).lines()
        labels = [line.decode("utf-8", "replace").strip() for line in listed]
    for name, entry in names.items():
        if not name.endswith(".txt") or name == _SYNSETS:
            continue
        with archive.open(_small(entry, file, _LARGEST_TEXT)) as stream:
            for number, line in enumerate(_Capped(stream, _LARGEST_TEXT).lines(), 1):
                place = f"{name}: line {number}"
                path, _, index = line.decode("utf-8", "replace").strip().rpartition(" ")
                if not path and not index:
                    continue
                if not index.isascii() or not index.isdigit() or len(index) > 6 or int(index) >= len(labels):
                    yield Refusal(place, Reason.BAD_LABEL, index)
                else:
                    yield Vote(place, id_in_path(path), labels[int(index)])


def _small(entry: zipfile.ZipInfo, file: Path, most: int) -> zipfile.ZipInfo:
    if entry.file_size > most:
        raise ImportUnreadable(
            f"{file.name}/{entry.filename} is too large: {entry.file_size:,} bytes, and {most:,} are the most"
        )
    return entry


class _Capped:
    """A stream that ends with an error behind so many bytes, whatever its head said."""

    def __init__(self, stream: IO[bytes], most: int) -> None:
        self._stream = stream
        self._left = most

    def read(self, size: int) -> bytes:
        """The next bytes."""
        return self._counted(self._stream.read(size))

    def lines(self) -> Iterator[bytes]:
        """The lines."""
        while line := self._counted(self._stream.readline(1 << 16)):
            yield line

    def _counted(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            raise zipfile.BadZipFile("it holds more than it says")
        return data
