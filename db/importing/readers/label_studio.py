"""Label Studio's exports JSON and JSON_MIN (1.23). Its CSV is read as any table is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from db.importing.json_array import objects_of
from db.importing.text_file import opened
from db.importing.vote import Read, Reason, Refusal, Vote, id_in_path, read_name, read_time

NAME: Final = "label-studio"
_CONTROL: Final = "label"
"""The name of the choices in ``labelstudio_config.xml``."""


def read_label_studio(file: Path) -> Iterator[Read]:
    """Every annotation; predictions are nobody's word.

    Raises:
        ImportUnreadable: it is not a JSON list of objects.

    """
    with opened(file) as text:
        for number, line, task in objects_of(text, file.name):
            place = f"line {line}, [{number}]"
            if "annotations" in task or isinstance(task.get("data"), dict):
                yield from _of_task(task, place)
            else:
                yield _of_minimal(task, place)


def _of_task(task: dict[str, Any], place: str) -> Iterator[Read]:
    data, annotations = task.get("data"), task.get("annotations", [])
    if not isinstance(data, dict) or not isinstance(annotations, list):
        yield Refusal(place, Reason.MALFORMED, "data or annotations are missing")
        return
    item_id = _item_id(data)
    taken = 0
    for number, annotation in enumerate(annotations):
        here = f"{place}.annotations[{number}]"
        if not isinstance(annotation, dict):
            yield Refusal(here, Reason.MALFORMED)
            continue
        if annotation.get("was_cancelled"):
            continue
        taken += 1
        yield _of_annotation(annotation, here, item_id, data.get("known_label"))
    if not taken:
        yield Refusal(place, Reason.NO_LABEL, item_id)


def _of_annotation(annotation: dict[str, Any], place: str, item_id: str, known: object) -> Read:
    result = annotation.get("result")
    if not isinstance(result, list):
        return Refusal(place, Reason.MALFORMED, "there is no result")
    choices: list[object] = []
    for each in result:
        if isinstance(each, dict) and each.get("from_name") == _CONTROL and isinstance(each.get("value"), dict):
            found = each["value"].get("choices")
            choices += found if isinstance(found, list) else []
    return _vote(choices, place, item_id, known, annotation, annotation.get("completed_by"))


def _of_minimal(task: dict[str, Any], place: str) -> Read:
    found = task.get(_CONTROL)
    if isinstance(found, dict):
        found = found.get("choices")
    choices = found if isinstance(found, list) else [] if found in (None, "") else [found]
    return _vote(choices, place, _item_id(task), task.get("known_label"), task, task.get("annotator"))


def _vote(
    choices: list[object], place: str, item_id: str, known: object, annotation: dict[str, Any], annotator: object
) -> Read:
    if not choices:
        return Refusal(place, Reason.NO_LABEL, item_id)
    if len(choices) > 1:
        return Refusal(place, Reason.SEVERAL_LABELS, item_id)
    label = choices[0].strip() if isinstance(choices[0], str) else str(choices[0])
    if label == known and not annotation.get("lead_time"):
        # As the export gave it: nobody opened it, for that takes time.
        return Refusal(place, Reason.NOT_REVIEWED, item_id)
    at = read_time(annotation.get("updated_at")) or read_time(annotation.get("created_at"))
    return Vote(place, item_id, label, read_name(annotator), at)


def _item_id(data: dict[str, Any]) -> str:
    item_id = data.get("item_id")
    if isinstance(item_id, str | int) and not isinstance(item_id, bool):
        return str(item_id).strip()
    image = data.get("image")
    return id_in_path(image) if isinstance(image, str) else ""
