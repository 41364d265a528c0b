"""Which model answers: written down each time it changes, so that it can be taken back."""

import datetime
import json
import os
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from db.folder_lock import alone_in
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
    return _read(weights / HISTORY_NAME)[0]


def _read(file: Path) -> tuple[list[Promotion], bytes]:
    """The records, and their lines. The end of a line that a process left unfinished is passed over."""
    if not file.exists():
        return [], b""
    found, kept = [], b""
    # Not splitlines: a reason may hold what Unicode counts as the end of a line.
    *lines, rest = file.read_bytes().split(b"\n")
    for number, line in enumerate([*lines, *([rest] if rest else [])], start=1):
        try:
            found.append(Promotion.model_validate_json(line))
        except ValidationError as error:
            if number > len(lines):
                break
            raise WeightsError(f"{file}, line {number}, is no record of a promotion; mend or remove it.") from error
        kept += line + b"\n"
    return found, kept


def promote(
    weights: Path, name: str, why: str, *, is_rollback: bool = False, instead_of: str | None = None
) -> Promotion:
    """Let a model answer from now on; a running host takes it up by itself.

    The record is written first: a process that dies in between leaves a record of a change that did not come, never a
    change without a record.

    Args:
        weights: the folder of the models.
        name: the model.
        why: kept in the history.
        is_rollback: whether an earlier model is taken back.
        instead_of: the model that it was compared with; None where that does not matter.

    Raises:
        WeightsError: the model is unknown, its files are not those of its manifest, another model answers than
            ``instead_of``, or the history cannot be read; nothing has changed.

    """
    manifest, folder = load_manifest(weights, name)
    verify_files(manifest, folder, tuple(file.role for file in manifest.files))
    # History and index would else name different models.
    with alone_in(weights):
        before = default_model(weights)
        if instead_of not in {None, before}:
            raise WeightsError(f"{before} answers by now instead of {instead_of}; compare {name} with that one.")
        record = Promotion(
            at=datetime.datetime.now(datetime.UTC).replace(microsecond=0),
            model=name,
            title=manifest.title,
            before=before,
            why=why.encode("utf-8", "replace").decode(),  # a terminal may give halves of characters
            is_rollback=is_rollback,
        )
        line = json.dumps(record.model_dump(mode="json"), ensure_ascii=False).encode() + b"\n"
        _append(weights / HISTORY_NAME, line)
        write_index(weights, classifier=name)
    return record


def _append(file: Path, line: bytes) -> None:
    """On disk at return, behind the last whole line."""
    _, kept = _read(file)
    with file.open("ab") as stream:
        end = stream.tell()
        if end < len(kept):  # its last line is whole but for its end
            stream.write(b"\n")
        elif end > len(kept):
            stream.truncate(len(kept))
        stream.write(line)
        stream.flush()
        os.fsync(stream.fileno())


def earlier_model(weights: Path) -> str | None:
    """Which model a rollback brings back: the one that answered before the present one came; None where none did.

    A rollback is not undone by the next one: that goes further back.

    Raises:
        WeightsError: the history or the index cannot be read.

    """
    answered: list[str] = []
    records, present = history(weights), default_model(weights)
    for record, then in zip(records, [*(each.before for each in records[1:]), present], strict=False):
        if then == record.before != record.model:  # it was written down and did not come, or was undone by hand
            continue
        if record.is_rollback and record.model in answered:
            while answered[-1] != record.model:
                answered.pop()
            continue
        if not answered or answered[-1] != record.before:  # the first one, or a change by hand before it
            answered.append(record.before)
        answered.append(record.model)
    return answered[-2] if len(answered) > 1 and answered[-1] == present else None
