"""How long the export's filter and the figures of ``bunri stats`` take on a log of so many rows."""

import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, insert, text

from db.database import Database
from db.exporting.candidates import PAGE, candidates_statement
from db.exporting.plan import PlanDraft
from db.exporting.request import ExportRequest
from db.migrate import upgrade
from db.query_id import new_query_id
from db.secret import Secret
from db.tables import FEEDBACK, IMPORTS, LABELS, PHOTOS, QUERIES
from inference.labels import LABELS as ALL_LABELS

MOST_SECONDS: Final = 2.0
"""Of each, on 100,000 rows."""

PLANNING: Final = "export's plan of all: filter, order, freeze"
"""Once an export, beside hours of photos: without a target."""

_AT_ONCE: Final = 2_000
_ROUNDS: Final = 5
_IMPORT: Final = "0" * 64
_NOW: Final = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LogFigures:
    """What was measured.

    Attributes:
        database: "sqlite" or "postgresql".
        rows: of the log, and as many photos.
        seconds: the fastest of five, by what was done.
        plans: how the database goes about the export's statement, line by line.

    """

    database: str
    rows: int
    seconds: dict[str, float]
    plans: dict[str, list[str]]


async def measure_log(rows: int, url: str | None) -> LogFigures:
    """Fill an empty database with invented rows and time it.

    Args:
        rows: 1 or more.
        url: of an empty database; a SQLite file of its own, thrown away afterwards, where there is none.

    Raises:
        DatabaseError: it cannot be reached, or is not empty.

    """
    with tempfile.TemporaryDirectory(prefix="bunri-bench-") as folder:
        address = url or f"sqlite:///{Path(folder) / 'log.db'}"
        await upgrade(address)
        database = await Database.open(address, Secret.from_text("of the benchmark, which holds nobody's data"))
        try:
            await _fill(database, rows)
            return await _measured(database, rows, Path(folder))
        finally:
            await database.close()


async def _measured(database: Database, rows: int, folder: Path) -> LogFigures:
    requests = {
        "export filter: all": ExportRequest(),
        "export filter: unlabelled, unsure, Korean": ExportRequest(
            unlabelled=True, most_margin=0.3, languages=("ko",), since=_NOW - timedelta(days=90)
        ),
        "export filter: residents disagree": ExportRequest(disagreement=True),
    }

    def choose(request: ExportRequest) -> Callable[[], Awaitable[object]]:
        return lambda: _choose(database, request)

    work: dict[str, Callable[[], Awaitable[object]]] = {name: choose(request) for name, request in requests.items()}
    work[PLANNING] = lambda: _planned(database, ExportRequest(), folder)
    work["stats"] = lambda: database.queries.statistics(_NOW - timedelta(days=400))
    work["stats: precision"] = database.labels.precision
    seconds = {name: await _fastest(each) for name, each in work.items()}
    kind = await database._store.read(lambda connection: connection.dialect.name)
    plans = {name: await _plan(database, request) for name, request in requests.items()}
    return LogFigures(kind, rows, seconds, plans)


async def _choose(database: Database, request: ExportRequest) -> None:
    """Read every row that the filter lets through, page by page."""
    after = ""
    while page := await database.exports.candidates(request, _NOW, after, "of the benchmark"):
        after = page[-1][0]
        if len(page) < PAGE:
            break


async def _planned(database: Database, request: ExportRequest, folder: Path) -> None:
    """All that an export does before its first photo: choose, order, freeze."""
    draft = await asyncio.to_thread(PlanDraft, folder / "plan.draft")
    try:
        after = ""
        while page := await database.exports.candidates(request, _NOW, after, "of the benchmark"):
            after = page[-1][0]
            await asyncio.to_thread(draft.add, page, 0)
            if len(page) < PAGE:
                break
        await asyncio.to_thread(draft.finish, None, request.random_share, folder / "plan.db")
    finally:
        draft.close()


async def _fastest(work: Callable[[], Awaitable[object]]) -> float:
    times = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        await work()
        times.append(time.perf_counter() - began)
    return min(times)


async def _plan(database: Database, request: ExportRequest) -> list[str]:
    def explain(connection: Connection) -> list[str]:
        statement = candidates_statement(request, _NOW, "8").compile(
            connection, compile_kwargs={"render_postcompile": True}
        )
        word = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        found = connection.exec_driver_sql(f"{word} {statement}", _parameters(statement))
        return [str(row[-1]) for row in found]

    return await database._store.read(explain)


def _parameters(statement: Any) -> Any:
    """As the driver takes them: by name, or one after another."""
    processed = {
        name: statement._bind_processors[name](value) if name in statement._bind_processors else value
        for name, value in statement.params.items()
    }
    return tuple(processed[name] for name in statement.positiontup) if statement.positional else processed


async def _fill(database: Database, rows: int) -> None:
    dice = random.Random(1)  # noqa: S311 - nobody's secret
    people = [f"person-{number:036}" for number in range(max(1, rows // 20))]

    def begin(connection: Connection) -> None:
        connection.execute(
            insert(IMPORTS), {"id": _IMPORT, "at": _NOW, "actor": "bench", "reason": "bench", "source": "csv"}
        )

    await database._store.write(begin)
    for start in range(0, rows, _AT_ONCE):
        made = [_invented(dice, people) for _ in range(min(_AT_ONCE, rows - start))]

        def add(connection: Connection, made: list[tuple[dict[str, Any], ...]] = made) -> None:
            for table, place in ((QUERIES, 0), (PHOTOS, 1), (FEEDBACK, 2), (LABELS, 3)):
                some = [each[place] for each in made if each[place]]
                if some:
                    connection.execute(insert(table), some)

        await database._store.write(add)

    def analyse(connection: Connection) -> None:
        connection.execute(text("ANALYZE"))

    await database._store.write(analyse)


def _invented(dice: random.Random, people: list[str]) -> tuple[dict[str, Any], ...]:
    """A query, its photo, perhaps what its resident said, perhaps a label."""
    shares = sorted((dice.random() ** 4 for _ in ALL_LABELS), reverse=True)
    total = sum(shares)
    labels = dice.sample(list(map(str, ALL_LABELS)), len(ALL_LABELS))
    probabilities = {label: share / total for label, share in zip(labels, shares, strict=True)}
    at, person, query_id = _NOW - timedelta(minutes=dice.randrange(500_000)), dice.choice(people), new_query_id()
    platform = dice.choice(["telegram", "telegram", "web"])
    query = {
        "id": query_id,
        "at": at,
        "platform": platform,
        "user_key": person,
        "language": dice.choice(["ko", "ko", "en"]),
        "region": "kr",
        "kind": "photo",
        "model": "bench 1",
        "label": labels[0],
        "confidence": shares[0] / total,
        "probabilities": probabilities,
        "margin": (shares[0] - shares[1]) / total,
        "waste_score": 0.9,
        "decision": "answer",
        "hazards": [],
        "notices": [],
        "latency_ms": {"model": 10.0},
        "total_ms": 10.0 * dice.random(),
    }
    photo_id = f"{dice.getrandbits(128):032x}"
    photo = {
        "id": photo_id,
        "at": at,
        "query_id": query_id,
        "user_key": person,
        "platform": platform,
        "licence": f"{platform}-opted-in",
        "consent_version": "1",
        "blob": photo_id,
        "size": 100_000,
    }
    said = dice.random()
    feedback = {
        "at": at,
        "query_id": query_id,
        "user_key": person,
        "verdict": "wrong" if said < 0.05 else "right",
        "label": labels[1] if said < 0.05 else None,
    }
    label = {
        "at": at,
        "photo_id": photo_id,
        "label": labels[dice.random() < 0.2],
        "import_id": _IMPORT,
        "source": "csv",
        "votes": 1,
        "agreeing": 1,
        "digest": photo_id,
        "model": "bench 1",
        "predicted": labels[0],
        "is_random": dice.random() < 0.15,
    }
    return query, photo, feedback if said < 0.3 else {}, label if dice.random() < 0.4 else {}


def log_text(figures: LogFigures) -> str:
    """For a terminal."""
    lines = [f"{figures.rows:,} queries and photos on {figures.database}; seconds, the fastest of {_ROUNDS}"]
    for name, seconds in figures.seconds.items():
        lines.append(f"{name:<44}{seconds:>8.2f}" + ("" if name == PLANNING else f"   {_verdict(seconds)}"))
    for name, plan in figures.plans.items():
        lines += ["", f"{name}:", *(f"  {line}" for line in plan)]
    return "\n".join(lines)


def _verdict(seconds: float) -> str:
    return f"at most {MOST_SECONDS:g}: {'met' if seconds <= MOST_SECONDS else 'MISSED'}"
