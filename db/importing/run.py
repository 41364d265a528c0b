"""An import, from the file to its report. Killed anywhere and begun again, or given twice, it comes to the same.

Nothing of the file is written before all of it was read. Each photo's words then go in with their label, in one
transaction, under a digest that the database takes once.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from db.audit import Deed
from db.database import Database
from db.importing.errors import ImportUnreadable
from db.importing.report import Report
from db.importing.settle import Settled, settle
from db.importing.source import open_source
from db.importing.staging import Staging
from db.importing.vote import ITEM_ID, Reason, Refusal, Vote
from db.labels import Import, OutcomeKind

_AT_ONCE: Final = 500

Progress = Callable[[int, int], None]
"""Called with how many of the labels are settled, and of how many."""


async def import_labels(
    file: Path,
    actor: str,
    reason: str,
    labels: Sequence[str],
    database: Database,
    *,
    is_dry_run: bool = False,
    progress: Progress = lambda _done, _of: None,
) -> Report:
    """Take in what people labelled; what is wrong in the file is refused line by line and named in the report.

    Args:
        file: what a labelling tool wrote, or a folder.
        actor: who does it, for the audit.
        reason: why, likewise.
        labels: all that there are.
        database: where photos and labels are.
        is_dry_run: say what would happen, and write nothing.
        progress: told now and then.

    Raises:
        ImportUnreadable: the file is none that can be imported, and nothing was written.
        DatabaseError: the database does not answer; the same command takes in the rest.

    """
    staging = await asyncio.to_thread(Staging)
    try:
        report = await asyncio.to_thread(_read, file, frozenset(labels), staging, is_dry_run)
        begun: Import | None = None
        if not is_dry_run:
            begun = await database.labels.begin(staging.digest, report.source, Deed(actor, "import", reason))
        items = staging.items()
        done = 0
        while page := await asyncio.to_thread(_page, items):
            await _take(page, staging.digest, begun, database, report)
            done += sum(map(len, page))
            progress(done, staging.votes)
        if not is_dry_run:
            await database.labels.finish(staging.digest, report.counts())
        return report
    finally:
        staging.close()


def _read(file: Path, labels: frozenset[str], staging: Staging, is_dry_run: bool) -> Report:
    source, found = open_source(file)
    report = Report(source, is_dry_run)
    try:
        for each in found:
            checked = _checked(each, labels)
            if isinstance(checked, Vote):
                staging.add(checked)
            else:
                report.refuse(checked)
    except sqlite3.OperationalError as error:
        raise ImportUnreadable(f"{file} cannot be held while it is read: {error}") from error
    report.votes = staging.votes
    return report


def _checked(read: Vote | Refusal, labels: frozenset[str]) -> Vote | Refusal:
    if isinstance(read, Refusal):
        return read
    if not ITEM_ID.fullmatch(read.item_id):
        return Refusal(read.place, Reason.BAD_ID, read.item_id[:80])
    if read.label not in labels:
        return Refusal(read.place, Reason.BAD_LABEL, read.label[:80])
    return read


def _page(items: Iterator[list[Vote]]) -> list[list[Vote]]:
    return list(islice(items, _AT_ONCE))


async def _take(
    page: Sequence[list[Vote]], import_id: str, begun: Import | None, database: Database, report: Report
) -> None:
    places = {votes[0].item_id: votes for votes in page}
    settled: list[Settled] = []
    for votes in page:
        found = settle(votes)
        if isinstance(found, Settled):
            settled.append(found)
        else:
            report.refuse(Refusal(found.place, Reason.CONTRADICTION, found.item_id))
    if not settled:
        return
    for outcome in await database.labels.add(import_id, settled, begun):
        if outcome.kind in {OutcomeKind.UNKNOWN, OutcomeKind.FORGOTTEN}:
            reason = Reason.FORGOTTEN if outcome.kind is OutcomeKind.FORGOTTEN else Reason.UNKNOWN_ITEM
            for vote in places[outcome.settled.item_id]:
                report.refuse(Refusal(vote.place, reason, vote.item_id))
        else:
            report.take(outcome)
