"""Which model answers: written down each time it changes, so that it can be taken back."""

import datetime
import json
import os
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from inference.errors import WeightsError
from inference.manifest import default_model, load_manifest, verify_files, write_index

HISTORY_NAME: Final = "history.jsonl"


class Promotion(BaseModel):
    """One change of the model that answers; a line of the history.

    Attributes:
        at: when, UTC.
        model: name of the folder that answers from then on.
        title: name and version that are shown beside answers.
        before: the folder that answered until then.
        why: the measurement, or what an operator gave as reason.
        is_rollback: whether an earlier model was taken back.

    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: datetime.datetime
    model: str
    title: str
    before: str
    why: str
    is_rollback: bool = False


def history(weights: Path) -> list[Promotion]:
    """All of them, the oldest first.

    Raises:
        WeightsError: a line cannot be read.

    """
    file = weights / HISTORY_NAME
    if not file.exists():
        return []
    found = []
    for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
        try:
            found.append(Promotion.model_validate_json(line))
        except ValidationError as error:
            raise WeightsError(f"{file}, line {number}, is no record of a promotion; mend or remove it.") from error
    return found


def promote(weights: Path, name: str, why: str, *, is_rollback: bool = False) -> Promotion:
    """Let a model answer from now on; a running host takes it up by itself.

    The record is written first: a process that dies in between leaves a record of a change that did not come, never a
    change without a record.

    Raises:
        WeightsError: the model is unknown, or its files are not those of its manifest; nothing has changed.

    """
    manifest, folder = load_manifest(weights, name)
    verify_files(manifest, folder, tuple(file.role for file in manifest.files))
    record = Promotion(
        at=datetime.datetime.now(datetime.UTC).replace(microsecond=0),
        model=name,
        title=manifest.title,
        before=default_model(weights),
        why=why,
        is_rollback=is_rollback,
    )
    with (weights / HISTORY_NAME).open("a", encoding="utf-8") as file:
        file.write(json.dumps(record.model_dump(mode="json"), ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
    write_index(weights, classifier=name)
    return record


def earlier_model(weights: Path) -> str | None:
    """Which model a rollback brings back: the one that answered before the present one came; None where none did.

    A rollback is not undone by the next one: that goes further back.

    Raises:
        WeightsError: the history or the index cannot be read.

    """
    answered: list[str] = []
    for record in history(weights):
        if record.is_rollback and record.model in answered:
            while answered[-1] != record.model:
                answered.pop()
            continue
        if not answered or answered[-1] != record.before:  # the first one, or a change by hand before it
            answered.append(record.before)
        answered.append(record.model)
    return answered[-2] if len(answered) > 1 and answered[-1] == default_model(weights) else None
