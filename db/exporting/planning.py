"""The candidates of a request, put in order: the plan of an export, or the queue of those who look one by one."""

import asyncio
import secrets
import tempfile
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from db.database import Database
from db.exporting.candidates import PAGE
from db.exporting.item import Item
from db.exporting.plan import Plan, PlanDraft
from db.exporting.request import ExportRequest
from db.times import utc_now


@dataclass(frozen=True, slots=True)
class Queue:
    """Photos to look at.

    Attributes:
        matching: how many match.
        items: some of them, the most useful first.

    """

    matching: int
    items: tuple[Item, ...]


async def make_plan(
    request: ExportRequest, export_id: str, at: datetime, *, draft: Path, to: Path, database: Database
) -> None:
    """Make the plan of a request at ``to``, by way of a draft.

    Args:
        request: which photos.
        export_id: on which the residents' group ids hang.
        at: aware; what was kept later is left out.
        draft: a file in the same folder, thrown away where this is interrupted.
        to: where the plan is, once it is whole.
        database: where rows are.

    Raises:
        DatabaseError: the database does not answer.
        sqlite3.OperationalError, OSError: the disk is full.

    """
    made = await asyncio.to_thread(PlanDraft, draft)
    try:
        after = ""
        while page := await database.exports.candidates(request, at, after, export_id):
            after = page[-1][0]
            await asyncio.to_thread(made.add, page, request.seed)
            if len(page) < PAGE:
                break
        await asyncio.to_thread(made.finish, request.limit, request.random_share, to, is_fair=request.is_fair)
    finally:
        made.close()


async def queue_of(
    request: ExportRequest, start: int, most: int, database: Database, *, folder: Path | None = None
) -> Queue:
    """The photos of a request in the order of its export.

    Args:
        request: which photos.
        start: the place of the first of them; 0 is the most useful.
        most: so many.
        database: where rows are.
        folder: in which the order is made, in a folder of its own; a process that is killed leaves that. None for the
            system's place for such.

    Raises: as ``make_plan``.

    """
    with tempfile.TemporaryDirectory(prefix="bunri-queue-", dir=folder) as made:
        plan = Path(made) / "plan.db"
        draft = Path(made) / "plan.draft"
        await make_plan(request, secrets.token_hex(16), utc_now(), draft=draft, to=plan, database=database)
        return await asyncio.to_thread(_read, plan, start, most)


def _read(file: Path, start: int, most: int) -> Queue:
    with Plan(file) as plan:
        return Queue(plan.planned, tuple(each.item for each in islice(plan.rest(), start, start + most)))
