"""An export from its first file to its manifest; killed anywhere and begun again, it comes out the same.

The order of things is what makes it so: the request is frozen, then the audit row is written, then the plan is made
and frozen; a photo's file is in its place before the plan says so; the manifest is the last file.
"""

import asyncio
import errno
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from db.audit import Deed
from db.database import Database
from db.errors import Unsealable
from db.exporting.about import About, File, card, leaving, manifest
from db.exporting.ahead import in_order
from db.exporting.counts import counts_of
from db.exporting.errors import ExportInterrupted
from db.exporting.folder import MANIFEST, ExportFolder
from db.exporting.formats import FORMATS
from db.exporting.item import Exported
from db.exporting.near_duplicates import Alike, NearDuplicates
from db.exporting.photos import Look, PhotoReader, Seen
from db.exporting.plan import Plan, Planned, Written
from db.exporting.planning import make_plan
from db.exporting.request import ExportRequest

_AHEAD: Final = 4
_SAVE_EVERY: Final = 50
_PAGE: Final = 500
_HOPELESS: Final = 5
"""So many unreadable photos and none that is readable: it is the secret that is wrong."""

GONE: Final = "gone"
UNREADABLE: Final = "unreadable"
LOOKS_ALIKE: Final = "looks_alike"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an export needs beside its request.

    Attributes:
        database: where rows are.
        photos: where photos are.
        look: looks at pixels.
        alike: what counts as nearly alike.
        labels: all labels, in their order.
        made_by: name and version of the program.

    """

    database: Database
    photos: PhotoReader
    look: Look
    alike: Alike
    labels: tuple[str, ...]
    made_by: str


@dataclass(frozen=True, slots=True)
class Report:
    """What an export came to.

    Attributes:
        export_id: of its row.
        counts: of the manifest: ``photos``, ``random``, ``near_duplicates``, ``by_label``, ``by_predicted``,
            ``by_source``, ``matching``, and how many were passed over because they were ``gone``, ``unreadable`` or,
            with ``diverse``, ``looks_alike``.
        manifest_sha256: of ``manifest.json``.
        unreadable: ids of some of the unreadable photos.

    """

    export_id: str
    counts: dict[str, Any]
    manifest_sha256: str
    unreadable: list[str]


Progress = Callable[[int, int], None]
"""Called with how many photos are done, and of how many."""


async def export(
    folder: Path, request: ExportRequest, actor: str, reason: str, around: Surroundings, progress: Progress
) -> Report:
    """Write the photos of this request into a folder; go on where the same export was interrupted.

    Raises:
        ExportRefused: the folder holds something else.
        ExportInterrupted: the disk is full, or photos cannot be read; what is done stays done.
        DatabaseError: the database or the vault does not answer; likewise.

    """
    try:
        with ExitStack() as stack:
            place = stack.enter_context(await asyncio.to_thread(ExportFolder.open, folder, request))
            deed = Deed(actor, "export", reason, request.told())
            await around.database.exports.begin(place.begun.id, place.begun.at, deed)
            if not place.plan.exists():
                begun = place.begun
                await make_plan(
                    begun.request,
                    begun.id,
                    begun.at,
                    draft=place.plan_draft,
                    to=place.plan,
                    database=around.database,
                )
            plan = stack.enter_context(Plan(place.plan))
            await _write_photos(place, plan, around, progress)
            return await _finish(place, plan, around)
    except OSError as error:
        raise _interrupted(folder, error.strerror or str(error), is_full=error.errno in _FULL) from error
    except sqlite3.OperationalError as error:
        raise _interrupted(folder, str(error), is_full="full" in str(error) or "disk I/O" in str(error)) from error


_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def _interrupted(folder: Path, why: str, *, is_full: bool) -> ExportInterrupted:
    mend = "make room on the disk and give the same command again" if is_full else "the same command goes on from here"
    return ExportInterrupted(f"the export to {folder} was interrupted ({why}): what is written stays; {mend}")


async def _write_photos(place: ExportFolder, plan: Plan, around: Surroundings, progress: Progress) -> None:
    request = place.begun.request
    layout = FORMATS[request.format]
    most = min(plan.planned, request.limit or plan.planned)
    near = NearDuplicates(around.alike)
    for item_id, fingerprint in plan.firsts():
        near.add(item_id, fingerprint)
    written, unsaved = plan.done, 0
    has_read_any = written > 0
    progress(written, most)

    async def look_at(planned: Planned) -> Seen | str:
        return await _seen(planned.item.item_id, around)

    def keep(planned: Planned, seen: Seen | str) -> bool:
        """On a thread, one at a time; whether it is now part of the export."""
        path = layout.photo_path(planned.item)
        like = near.find(seen.fingerprint) if isinstance(seen, Seen) else None
        if isinstance(seen, Seen) and like is not None and request.diverse and not planned.item.is_random:
            seen = LOOKS_ALIKE
        if not isinstance(seen, Seen):
            place.remove(path)  # a process that was killed may have written it before it was gone
            plan.pass_over(planned.position, seen)
            return False
        sha256, size = place.write(path, [seen.data])
        if like is None:
            near.add(planned.item.item_id, seen.fingerprint)
        plan.write(planned.position, Written(path, sha256, size, seen.width, seen.height, seen.fingerprint, like or ""))
        return True

    if written >= most:
        return
    try:
        async with aclosing(in_order(plan.rest(), look_at, _AHEAD)) as photos:
            async for planned, seen in photos:
                is_kept = await asyncio.to_thread(keep, planned, seen)
                written += is_kept
                has_read_any = has_read_any or isinstance(seen, Seen)
                unsaved += 1
                if not has_read_any and plan.passed().get(UNREADABLE, 0) >= _HOPELESS:
                    raise ExportInterrupted(
                        f"none of the first {_HOPELESS} photos can be read: they were sealed with another secret, "
                        "or the vault is damaged"
                    )
                if unsaved >= _SAVE_EVERY:
                    await asyncio.to_thread(plan.save)
                    unsaved = 0
                progress(written, most)
                if written >= most:
                    break
    except ExportInterrupted:
        raise
    except BaseException:
        plan.save()
        raise
    await asyncio.to_thread(plan.save)


async def _seen(item_id: str, around: Surroundings) -> Seen | str:
    """The photo, or why it is passed over."""
    try:
        photo = await around.photos.read(item_id)
    except FileNotFoundError:
        return GONE
    except Unsealable:
        return UNREADABLE
    return await asyncio.to_thread(around.look, photo) or UNREADABLE


async def _finish(place: ExportFolder, plan: Plan, around: Surroundings) -> Report:
    """Everything behind the last photo. Done again from its start where it was interrupted."""
    exports = around.database.exports
    page: list[tuple[int, str, Written]] = []
    for each in plan.written():
        page.append(each)
        if len(page) == _PAGE:
            await _settle(page, place, plan, around)
            page = []
    await _settle(page, place, plan, around)
    await asyncio.to_thread(plan.save)
    counts = await asyncio.to_thread(_counts, plan)
    sha256 = await asyncio.to_thread(_documents, place, plan, around, counts)
    await exports.finish(place.begun.id, counts, sha256)
    unreadable = plan.passed_ids(UNREADABLE, 10)
    await asyncio.to_thread(place.finish)
    return Report(place.begun.id, counts, sha256, unreadable)


async def _settle(page: list[tuple[int, str, Written]], place: ExportFolder, plan: Plan, around: Surroundings) -> None:
    """Take out what was deleted meanwhile, write again what is not whole, and note what leaves."""
    kept = await around.database.exports.kept([item_id for _, item_id, _ in page])
    for position, item_id, written in page:
        whole = await asyncio.to_thread(place.has, written.path, written.size)
        seen = await _seen(item_id, around) if item_id in kept and not whole else None
        if item_id not in kept or isinstance(seen, str):
            await asyncio.to_thread(place.remove, written.path)
            plan.take_back(position, seen if isinstance(seen, str) else GONE)
        elif seen is not None:
            await asyncio.to_thread(place.write, written.path, [seen.data])
    await around.database.exports.note_items(place.begun.id, plan.drawn(page))


def _counts(plan: Plan) -> dict[str, Any]:
    return {"matching": plan.planned, **counts_of(plan.exported()), **plan.passed()}


def _documents(place: ExportFolder, plan: Plan, around: Surroundings, counts: dict[str, Any]) -> str:
    """Write everything beside the photos; the manifest's SHA-256."""
    begun = place.begun
    about = About(
        begun.id, begun.at, leaving(begun.request), around.labels, counts, around.made_by, place.path.resolve().name
    )
    files: list[File] = []

    def put(name: str, pieces: Iterator[bytes]) -> None:
        files.append(File(name, *place.write(name, pieces)))

    for document in FORMATS[begun.request.format].documents(plan.exported, about):
        put(document.path, iter(document.pieces))
    put("classes.txt", iter(f"{label}\n".encode() for label in around.labels))
    put("DATASET_CARD.md", iter([card(about).encode()]))

    def listed() -> Iterator[File]:
        yield from files
        for each in plan.exported():
            yield _file_of(each)

    return place.write(MANIFEST, manifest(about, listed()))[0]


def _file_of(photo: Exported) -> File:
    return File(photo.path, photo.sha256, photo.size)
