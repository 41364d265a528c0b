"""An export or an import as a process of its own, for tests that kill it. Says "ready" when it begins.

Called with: what to do ("export" or "import"), the database's URL, the vault's folder, and the folder or file.
"""

import asyncio
import json
import sys
from pathlib import Path

from db.database import Database
from db.exporting.folder import ExportFolder
from db.exporting.request import ExportRequest
from db.exporting.run import export
from db.importing.run import import_labels
from tests.databases import SECRET
from tests.kept_photos import ALL_LABELS, surroundings

REQUEST = ExportRequest(image_root="kept", random_share=0.3)


def freeze(folder: Path) -> None:
    """Begin an export and go no further, so that two copies of the folder are one export."""
    with ExportFolder.open(folder, REQUEST):
        pass


async def work(what: str, url: str, vault: Path, place: Path) -> None:
    database = await Database.open(url, SECRET)
    try:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        if what == "export":
            around = surroundings(database, vault)
            await export(place, REQUEST, "anna", "for the test", around, lambda _done, _of: None)
        else:
            report = await import_labels(place, "bora", "for the test", ALL_LABELS, database)
            sys.stdout.write(json.dumps(report.plain()) + "\n")
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])))
