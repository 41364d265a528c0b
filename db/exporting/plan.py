"""The plan of an export: which photos in which order, frozen once it is whole, and what of it is done.

A SQLite file in the export folder, so that a hundred thousand photos are sorted and remembered on disk. It holds no
pseudonym; with the export's end it goes.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from db.exporting.candidates import Candidate
from db.exporting.item import Exported, Item
from db.exporting.near_duplicates import joined_groups
from db.exporting.usefulness import rarities, usefulness

_PAGE: Final = 500

_TABLES: Final = """
CREATE TABLE candidates (
    id TEXT PRIMARY KEY, month TEXT, source TEXT, language TEXT, licence TEXT, model TEXT, predicted TEXT, score REAL,
    margin REAL, resident_label TEXT, label TEXT, label_source TEXT, person TEXT, disagrees INTEGER, chance BLOB
) WITHOUT ROWID;
CREATE TABLE plan (position INTEGER PRIMARY KEY, id TEXT UNIQUE, is_random INTEGER);
CREATE TABLE done (
    position INTEGER PRIMARY KEY, path TEXT, sha256 TEXT, size INTEGER, width INTEGER, height INTEGER,
    look BLOB, like TEXT
);
CREATE TABLE passed (position INTEGER PRIMARY KEY, why TEXT);
"""

_ITEM: Final = (
    "id, month, source, language, licence, model, predicted, score, margin, resident_label, label, label_source, "
    "person, is_random"
)
"""The fields of an ``Item``, in their order."""

_FIELDS: Final = len(_ITEM.split(", "))

_LIKELY: Final = "CASE WHEN label <> '' THEN label ELSE predicted END"

_ORDERED: Final = f"""
INSERT INTO plan (id, is_random)
WITH drawn AS (SELECT id FROM candidates WHERE chance < :bound ORDER BY chance LIMIT :drawn),
ranked AS (
    SELECT id, id IN drawn AS is_random,
        row_number() OVER (
            PARTITION BY id IN drawn
            ORDER BY CASE WHEN id IN drawn THEN 0 ELSE -usefulness(margin, disagrees, {_LIKELY}) END, chance
        ) - 0.5 AS place
    FROM candidates
)
SELECT id, is_random FROM ranked
ORDER BY CASE WHEN is_random THEN place / :share ELSE place / (1.0000001 - :share) END, is_random, id
"""  # noqa: S608
"""Drawn photos lie evenly among those that come by usefulness. Whether a photo may be drawn hangs on its id and the
seed alone, never on what else is there: so it stays true of those left over when the useful ones have been labelled,
and a model can be judged fairly on them."""

_CHANCE_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Planned:
    """The next photo to look at."""

    position: int
    item: Item


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a photo that was written."""

    path: str
    sha256: str
    size: int
    width: int
    height: int
    fingerprint: bytes
    like: str


def chance_of(photo_id: str, seed: int) -> bytes:
    """A photo's lot: of all lots, as many are below ``bound_of(share)`` as the share says."""
    return hashlib.sha256(f"{seed}:{photo_id}".encode()).digest()[:_CHANCE_BYTES]


def bound_of(share: float) -> bytes:
    """Below which lots are drawn; the share is 0 to 1."""
    of = 256**_CHANCE_BYTES
    return b"\xff" * (_CHANCE_BYTES + 1) if share >= 1 else int(share * of).to_bytes(_CHANCE_BYTES, "big")


class PlanDraft:
    """A plan in the making. Thrown away where it is not finished: it is then made anew."""

    def __init__(self, file: Path) -> None:
        # Of a process that was killed; SQLite would undo the new file by the old one's journal.
        for left in (file, file.with_name(f"{file.name}-journal")):
            left.unlink(missing_ok=True)
        self._file = file
        self._connection = sqlite3.connect(file, check_same_thread=False)
        self._connection.executescript(_TABLES)

    def add(self, candidates: Iterable[Candidate], seed: int) -> None:
        """Put these in."""
        self._connection.executemany(
            f"INSERT INTO candidates VALUES ({', '.join('?' * 15)})",  # noqa: S608
            ((*each, chance_of(each[0], seed)) for each in candidates),
        )

    def finish(self, limit: int | None, random_share: float, to: Path, *, is_fair: bool = True) -> None:
        """Put them in order and close; the file is then there under its last name, whole.

        Where the request is not fair (``ExportRequest.is_fair``), none counts as drawn at random.
        """
        counts = dict(self._connection.execute(f"SELECT {_LIKELY}, count(*) FROM candidates GROUP BY 1"))  # noqa: S608
        counts.pop("", None)
        rare = rarities(counts)
        self._connection.create_function(
            "usefulness",
            3,
            lambda margin, disagrees, label: usefulness(margin, bool(disagrees), rare.get(label, 0.0)),
            deterministic=True,
        )
        total = int(self._connection.execute("SELECT count(*) FROM candidates").fetchone()[0])
        drawn = round(random_share * min(total, limit or total))
        among = {"drawn": drawn, "share": random_share, "bound": bound_of(random_share)}
        self._connection.execute(_ORDERED, among)
        if not is_fair:
            self._connection.execute("UPDATE plan SET is_random = 0")
        self._connection.commit()
        self._connection.close()
        self._file.replace(to)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


class Plan:
    """A plan that is whole, and what of it is done."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, check_same_thread=False)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close; what was written and not saved is lost."""
        self._connection.close()

    @property
    def planned(self) -> int:
        """How many photos there are to choose from."""
        return self._count("SELECT count(*) FROM plan")

    @property
    def done(self) -> int:
        """How many were written."""
        return self._count("SELECT count(*) FROM done")

    def passed(self) -> dict[str, int]:
        """How many were passed over, by reason."""
        return dict(self._connection.execute("SELECT why, count(*) FROM passed GROUP BY 1 ORDER BY 1"))

    def passed_ids(self, why: str, most: int) -> list[str]:
        """Some of those."""
        found = self._connection.execute(
            "SELECT id FROM passed JOIN plan USING (position) WHERE why = ? ORDER BY position LIMIT ?", (why, most)
        )
        return [str(each) for (each,) in found]

    def rest(self) -> Iterator[Planned]:
        """What is left to do, in order; ``write`` and ``pass_over`` may be called meanwhile."""
        (last,) = self._connection.execute(
            "SELECT max(coalesce((SELECT max(position) FROM done), 0), coalesce((SELECT max(position) FROM passed), 0))"
        ).fetchone()
        while True:
            page = self._connection.execute(
                f"SELECT position, {_ITEM} FROM plan JOIN candidates USING (id) WHERE position > ? "  # noqa: S608
                "ORDER BY position LIMIT ?",
                (last, _PAGE),
            ).fetchall()
            if not page:
                return
            for position, *fields in page:
                yield Planned(position, _item(fields))
            last = page[-1][0]

    def write(self, position: int, written: Written) -> None:
        """It is in its place on disk. Survives once it is saved."""
        self._connection.execute(
            "INSERT OR REPLACE INTO done VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                position,
                written.path,
                written.sha256,
                written.size,
                written.width,
                written.height,
                written.fingerprint,
                written.like,
            ),
        )

    def pass_over(self, position: int, why: str) -> None:
        """It is not exported. Survives once it is saved."""
        self._connection.execute("INSERT OR REPLACE INTO passed VALUES (?, ?)", (position, why))

    def take_back(self, position: int, why: str) -> None:
        """It was written, and is not exported after all."""
        self._connection.execute("DELETE FROM done WHERE position = ?", (position,))
        self.pass_over(position, why)

    def save(self) -> None:
        """What was done until now survives the end of the process."""
        self._connection.commit()

    def firsts(self) -> Iterator[tuple[str, bytes]]:
        """Id and fingerprint of each written photo that is like none before it, in order."""
        yield from self._connection.execute(
            "SELECT id, look FROM done JOIN plan USING (position) WHERE like = '' ORDER BY position"
        )

    def written(self) -> Iterator[tuple[int, str, Written]]:
        """Position, id and file of each written photo, in order."""
        for position, item_id, *rest in self._connection.execute(
            "SELECT position, id, path, sha256, size, width, height, look, like FROM done JOIN plan USING (position) "
            "ORDER BY position"
        ):
            yield position, item_id, Written(*rest)

    def drawn(self, page: Iterable[tuple[int, str, Written]]) -> list[tuple[str, bool]]:
        """Of these, the ids of those that are written, and whether each was drawn at random."""
        found = (
            self._connection.execute(
                "SELECT id, is_random FROM plan JOIN done USING (position) WHERE position = ?", (position,)
            ).fetchone()
            for position, _, _ in page
        )
        return [(str(each[0]), bool(each[1])) for each in found if each is not None]

    def exported(self) -> Iterator[Exported]:
        """Each written photo, in order. Those of one resident, and what looks nearly like them, are one group."""
        groups = joined_groups(self._links())
        rows = self._connection.execute(
            f"SELECT {_ITEM}, path, sha256, size, width, height, look, "  # noqa: S608
            "CASE WHEN EXISTS (SELECT 1 FROM plan p JOIN done d USING (position) WHERE p.id = done.like) "
            "THEN like ELSE '' END "
            "FROM done JOIN plan USING (position) JOIN candidates USING (id) ORDER BY position"
        )
        for row in rows:
            item = _item(row[:_FIELDS])
            path, sha256, size, width, height, look, like = row[_FIELDS:]
            yield Exported(
                item=item,
                path=path,
                sha256=sha256,
                size=size,
                width=width,
                height=height,
                look=look[:32].hex(),
                duplicate_of=like,
                group_id=groups.get(item.person, item.person),
            )

    def _links(self) -> list[tuple[str, str]]:
        """Pairs of residents whose photos look nearly alike."""
        rows = self._connection.execute(
            "SELECT DISTINCT a.person, b.person FROM done JOIN plan USING (position) "
            "JOIN candidates a ON a.id = plan.id JOIN candidates b ON b.id = done.like ORDER BY 1, 2"
        )
        return [(one, other) for one, other in rows if one != other]

    def _count(self, statement: str) -> int:
        return int(self._connection.execute(statement).fetchone()[0])


def _item(fields: Sequence[Any]) -> Item:
    *others, is_random = fields
    return Item(*[*others, bool(is_random)])
