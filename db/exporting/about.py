"""What is said of an export as a whole: its card and its manifest. Pure."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db.exporting.request import ExportRequest


@dataclass(frozen=True, slots=True)
class About:
    """An export as a whole.

    Attributes:
        export_id: of its row in the database.
        at: when it began, UTC.
        asked: what was asked, as ``leaving`` says it.
        labels: all that there are, in their order.
        counts: how many photos of what.
        made_by: name and version of the program.
        folder: the name of the export's folder.

    """

    export_id: str
    at: datetime
    asked: Mapping[str, Any]
    labels: tuple[str, ...]
    counts: Mapping[str, Any]
    made_by: str
    folder: str


@dataclass(frozen=True, slots=True)
class File:
    """A file of an export."""

    path: str
    sha256: str
    size: int


def manifest(about: About, files: Iterable[File]) -> Iterator[bytes]:
    """JSON, piece by piece: every file's SHA-256 and size, and what the export is."""
    head = {
        "export": about.export_id,
        "at": about.at.isoformat(),
        "made_by": about.made_by,
        "request": about.asked,
        "labels": list(about.labels),
        "counts": about.counts,
    }
    yield json.dumps(head, ensure_ascii=False, indent=1)[:-2].encode() + b',\n "files": ['
    comma = "\n"
    for file in files:
        described = json.dumps({"path": file.path, "sha256": file.sha256, "size": file.size}, ensure_ascii=False)
        yield f"{comma}  {described}".encode()
        comma = ",\n"
    yield b"\n ]\n}\n"


def card(about: About) -> str:
    """What the photos are, what may be done with them, how they were chosen; Markdown."""
    counts, asked = about.counts, dict(about.asked)
    photos = int(counts["photos"])
    if asked["items"]:
        asked["items"] = f"{asked['items']['count']} by their ids"
    chosen = [
        f"{name}: {', '.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in asked.items()
        if value not in (None, [], False, "") and name not in {"format", "image_root", "seed", "random_share"}
    ]
    lines = [
        f"# Photos of waste, exported {about.at:%Y-%m-%d}",
        "",
        f"{photos} photos that residents sent to Bunri and allowed to keep. Export `{about.export_id}`, "
        f"{about.made_by}.",
        "",
        "## Terms",
        "",
        "- Given for one purpose: to make Bunri's answers better. Do not publish them, pass them on, or look for "
        "whoever took them.",
        "- Consent can be taken back. Delete this folder once it is labelled and learned from; what is imported "
        "of a photo that was deleted meanwhile is refused.",
        "- There is no EXIF in the files, and no name or account in the tables. A photo itself may still show "
        "a person or an address: mark it in your tool, do not label it, and tell the operator.",
        "",
        "## What is in it",
        "",
        f"- by label, as people or residents say: {_counted(counts['by_label']) or 'none is known'}",
        f"- by label, as the model says: {_counted(counts['by_predicted']) or 'none is known'}",
        f"- by platform: {_counted(counts['by_source'])}",
        f"- drawn at random: {counts['random']}; nearly like one before them: {counts['near_duplicates']}",
        "",
        "`label` is what people said when they relabelled a photo, else what its resident said, else empty; "
        "`label_source` says which. `pred_label` is only the model's guess: never train on it.",
        "",
        "`group_id` is shared by the photos of one resident and by those that look nearly alike: never split a group "
        "between training and test. It means nothing outside this export.",
        "",
        "## How they were chosen",
        "",
        *([f"- {each}" for each in chosen] or ["- all photos"]),
        _drawn(about.asked),
        "",
        "## Labels",
        "",
        ", ".join(about.labels),
        "",
    ]
    return "\n".join(lines)


def leaving(request: ExportRequest) -> dict[str, Any]:
    """What was asked, times by their month: between two moments that are near, they would date each photo."""
    months = {"since": request.since, "until": request.until}
    return {**request.told(), **{name: at and f"{at:%Y-%m}" for name, at in months.items()}}


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _drawn(asked: Mapping[str, Any]) -> str:
    by_use = "by usefulness: least margin, a resident's objection, rare labels."
    if any(asked[name] for name in ("labels", "disagreement", "items")) or asked["most_margin"] is not None:
        return f"- none counts as drawn at random (`is_random`): the filters leave no ordinary day. All come {by_use}"
    return (
        f"- {asked['random_share']:.0%} drawn at random (`is_random`): only on these is the model's precision "
        f"that of an ordinary day. The others come {by_use}"
    )
