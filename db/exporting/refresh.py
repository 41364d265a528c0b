"""Taking out of a finished export what may not be outside the vault any more.

In this order: the audit row, a note of what may be overwritten, the photos' files, the tables, the manifest. Killed
anywhere and begun again, it comes out the same.
"""

import asyncio
import hashlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Self

from db.audit import Deed
from db.database import Database
from db.exporting.about import About, File, card, manifest
from db.exporting.counts import counts_of
from db.exporting.errors import ExportInterrupted, ExportRefused
from db.exporting.finished import TABLE, Finished, read_finished
from db.exporting.folder import MANIFEST
from db.exporting.formats import FORMATS
from db.exporting.formats.format import Document
from db.exporting.item import Exported
from db.exporting.photo_files import files_of
from db.exporting.under_way import UNDER_WAY, Expected, note_of, noted, standing
from db.folder_lock import alone_in

_PAGE: Final = 500
_DISCORD: Final = "discord"


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What became of an export.

    Attributes:
        export_id: of its row.
        photos: how many are left.
        removed: how many were taken out.
        files: how many files of theirs were deleted; copies count too.
        missing: ids of those that had no file: deleted before, moved out of the folder, or renamed without their id.
        manifest_sha256: of ``manifest.json`` as it is now.

    """

    export_id: str
    photos: int
    removed: int
    files: int
    missing: list[str]
    manifest_sha256: str


async def refresh(folder: Path, actor: str, reason: str, database: Database, *, with_discord: bool) -> Refreshed:
    """Take out the photos that are not kept any more, and those from Discord where ``with_discord`` is false.

    Their files are deleted wherever they lie in the folder, known by the id in their names, and their rows in every
    table; what is left is as it was, its labels too. The folder's other photos are not opened.

    Raises:
        ExportRefused: there is no finished export, or none that this database knows, or somebody changed a table of
            it, or a folder in it is a link; nothing was changed.
        ExportInterrupted: the folder cannot be written; the same command goes on.
        DatabaseError: the database does not answer.

    """
    try:
        with ExitStack() as stack:
            await asyncio.to_thread(stack.enter_context, alone_in(folder))
            return await _refresh(folder, actor, reason, database, with_discord=with_discord)
    except OSError as error:
        raise ExportInterrupted(f"{error.filename or folder}: {error.strerror}; give the same command again") from error


async def _refresh(folder: Path, actor: str, reason: str, database: Database, *, with_discord: bool) -> Refreshed:
    found = await asyncio.to_thread(read_finished, folder)
    if await database.exports.get(found.id) is None:
        raise ExportRefused(
            f"the database knows no export {found.id}, and would take all photos of {folder} for deleted: "
            "BUNRI_DATABASE__URL must name the one that it came from; nothing was changed"
        )
    gone = await _gone(found, database, with_discord=with_discord)
    is_due = bool(gone) or (folder / UNDER_WAY).exists()
    rewritten = await asyncio.to_thread(_Rewritten.without, gone, found, folder)
    expected = await asyncio.to_thread(_see_that_nobody_wrote, folder, found, rewritten) if is_due else {}
    files = await asyncio.to_thread(files_of, folder, gone)
    missing = sorted(gone - {item_id for _, item_id in files})
    counted = {"removed": len(gone), "files": len(files), "missing": len(missing)}
    detail = {"export": found.id, "photos": len(found.photos), **counted}
    await database.exports.note(Deed(actor, "refresh", reason, detail))
    if not is_due:
        sha256 = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
        return Refreshed(found.id, len(found.photos), 0, 0, [], sha256)
    await asyncio.to_thread(_put, folder, UNDER_WAY, [note_of(expected)])
    await asyncio.to_thread(_delete, [path for path, _ in files])
    sha256 = await asyncio.to_thread(_write, folder, found, rewritten, expected)
    return Refreshed(found.id, len(found.photos) - len(gone), len(gone), len(files), missing, sha256)


async def _gone(found: Finished, database: Database, *, with_discord: bool) -> frozenset[str]:
    ids = [each.item.item_id for each in found.photos]
    kept: set[str] = set()
    for start in range(0, len(ids), _PAGE):
        kept |= await database.exports.kept(ids[start : start + _PAGE])
    barred = {each.item.item_id for each in found.photos if each.item.source == _DISCORD and not with_discord}
    return frozenset(ids) - kept | barred


@dataclass(frozen=True, slots=True)
class _Rewritten:
    """An export without the photos that go."""

    about: About
    photos: tuple[Exported, ...]

    @classmethod
    def without(cls, gone: Collection[str], found: Finished, folder: Path) -> Self:
        left = tuple(
            replace(each, duplicate_of="") if each.duplicate_of in gone else each
            for each in found.photos
            if each.item.item_id not in gone
        )
        counts = {**found.counts, **counts_of(left)}
        name = folder.resolve().name
        return cls(About(found.id, found.at, found.asked, found.labels, counts, found.made_by, name), left)

    def documents(self) -> Iterator[Document]:
        """All but the manifest, each to be read before the next."""
        tables: list[Document] = []
        for document in FORMATS[self.about.asked["format"]].documents(lambda: iter(self.photos), self.about):
            if document.path == TABLE:
                tables.append(document)
            else:
                yield document
        yield Document("classes.txt", [f"{label}\n".encode() for label in self.about.labels])
        yield Document("DATASET_CARD.md", [card(self.about).encode()])
        yield from tables  # last: from it the others can be made again


def _see_that_nobody_wrote(folder: Path, found: Finished, rewritten: _Rewritten) -> Expected:
    """What may stand in each table from now on: what stands there, and what will."""
    before = noted(folder)
    may = {path: before.get(path, frozenset()) | {found.files[path][0]} for path in found.documents}
    expected = {path: standing(_inside(folder, path), may[path]) for path in may}
    for document in rewritten.documents():
        digest = hashlib.sha256()
        for piece in document.pieces:
            digest.update(piece)
        path = _inside(folder, document.path)
        expected[document.path] = standing(path, may.get(document.path, frozenset())) | {digest.hexdigest()}
    return expected


def _delete(files: Iterable[Path]) -> None:
    for path in files:
        path.unlink(missing_ok=True)


def _write(folder: Path, found: Finished, rewritten: _Rewritten, expected: Expected) -> str:
    written: list[File] = []
    for document in rewritten.documents():
        standing(_inside(folder, document.path), expected[document.path])  # somebody may have saved it meanwhile
        written.append(File(document.path, *_put(folder, document.path, document.pieces)))
    for path in {*found.documents} - {each.path for each in written}:
        standing(_inside(folder, path), expected[path])
        (folder / path).unlink(missing_ok=True)
    sha256, _ = _put(folder, MANIFEST, manifest(rewritten.about, [*written, *map(_file_of, rewritten.photos)]))
    (folder / UNDER_WAY).unlink()
    return sha256


def _inside(folder: Path, name: str) -> Path:
    """The path of a document.

    Raises:
        ExportRefused: what should be its folder leads elsewhere.

    """
    path = folder / name
    if path.parent.resolve() != (folder.resolve() / name).parent:
        raise ExportRefused(f"{path.parent} is a link to another folder: put the folder itself in its place")
    return path


def _put(folder: Path, name: str, pieces: Iterable[bytes]) -> tuple[str, int]:
    """Whole or as it was; its SHA-256 and its size in bytes."""
    path = _inside(folder, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.draft")
    draft.unlink(missing_ok=True)  # of a refresh that was killed, or a link: the link goes, not what it leads to
    digest, size = hashlib.sha256(), 0
    with draft.open("xb") as file:
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
            size += len(piece)
    draft.replace(path)
    return digest.hexdigest(), size


def _file_of(photo: Exported) -> File:
    return File(photo.path, photo.sha256, photo.size)
