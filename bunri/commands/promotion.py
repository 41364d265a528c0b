"""``bunri weights compare | promote | rollback | history``: which model answers, and why that one."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from bunri.comparison_report import comparison_json, comparison_text
from bunri.failures import read_settings, told_in_one_line
from bunri.known_photos import SCORED_PARTS, photos_of_choice
from bunri.promotion import Promotion, earlier_model, history, promote
from bunri.settings import InferenceSettings
from bunri.wiring import open_local_classifier
from inference.manifest import default_model
from training.labelled_photos import LabelledPhotos
from training.model_comparison import Comparison, DifferentPhotos, compare, dropped, is_drop, is_worse, unjudged
from training.scored_photos import Scored, predict_with, score_photos

MARGIN: Final = 3.0
"""Points that a label may lose."""

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)

_PHOTO_OPTIONS = (
    click.option("--field", "folder", type=_FOLDER, help="DIR/<label>/*.jpg that no model was trained on"),
    click.option("--map", "mapping_file", type=_FILE, help="YAML or TOML: folder -> label, labels, not_waste, skip"),
    click.option("--split", "split_file", type=_FILE, help="a part of this split file instead"),
    click.option("--part", type=click.Choice(SCORED_PARTS), help="the part; test when not given"),
    click.option("--root", type=_FOLDER, help="what the paths in the split file are relative to"),
)


def _of_known_photos(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_PHOTO_OPTIONS):
        command = option(command)
    return command


@click.command("compare")
@click.argument("before")
@click.argument("after")
@_of_known_photos
@click.option("--json", "wants_json", is_flag=True, help="one JSON document")
def compare_command(before: str, after: str, wants_json: bool, **choice: Any) -> None:
    """Compare two models on the same photos, label by label, with 95 % intervals."""
    settings = read_settings().inference
    photos, data = photos_of_choice(**choice)
    comparison = _compared(settings, before, after, photos)
    click.echo(
        json.dumps(comparison_json(comparison, before, after, data), ensure_ascii=False, indent=2)
        if wants_json
        else comparison_text(comparison, before, after, data)
    )


@click.command("promote")
@click.argument("name")
@_of_known_photos
@click.option(
    "--margin", type=click.FloatRange(0, 100), default=MARGIN, show_default=True, help="points a label may lose"
)
@click.option("--force", is_flag=True, help="promote it all the same; needs --reason")
@click.option("--reason", default="", help="kept in the history")
def promote_command(name: str, margin: float, force: bool, reason: str, **choice: Any) -> None:
    """Let the model NAME answer, unless a label is recognised worse than by the present one.

    A running host takes it up by itself within seconds, without losing a request.
    """
    if force and not reason.strip():
        raise click.UsageError("--force needs --reason: the history keeps why")
    settings = read_settings().inference
    with told_in_one_line():
        present = default_model(settings.weights)
    if name == present:
        raise click.ClickException(f"{name} is the model that answers already")
    photos, data = photos_of_choice(**choice)
    comparison = _compared(settings, present, name, photos)
    click.echo(comparison_text(comparison, present, name, data))
    objections = _objections(comparison, margin)
    for objection in objections:
        click.echo(objection, err=True)
    if objections and not force:
        raise click.ClickException(f"{name} was not promoted; {present} still answers")
    measured = f"accuracy {comparison.accuracy.before:.1%} to {comparison.accuracy.after:.1%} on {data}"
    why = "; ".join([measured, *([f"forced: {reason}"] if objections else [reason] if reason else [])])
    with told_in_one_line():
        _tell(promote(settings.weights, name, why, instead_of=present), settings)


@click.command("rollback")
@click.option("--reason", required=True, help="kept in the history")
def rollback_command(reason: str) -> None:
    """Let the model answer that did before the last promotion."""
    settings = read_settings().inference
    weights = settings.weights
    with told_in_one_line():
        earlier = earlier_model(weights)
        if earlier is None:
            raise click.ClickException("the history knows no model before the present one; `bunri weights promote` it")
        _tell(promote(weights, earlier, reason, is_rollback=True), settings)


@click.command("history")
@click.option("--json", "wants_json", is_flag=True, help="one JSON object a line")
def history_command(wants_json: bool) -> None:
    """Which model answered when, and why."""
    weights = read_settings().inference.weights
    with told_in_one_line():
        records = history(weights)
    if not records and not wants_json:
        click.echo("no model was promoted yet")
    for record in records:
        click.echo(record.model_dump_json() if wants_json else _line(record))


def _compared(settings: InferenceSettings, before: str, after: str, photos: LabelledPhotos) -> Comparison:
    try:
        return compare(_scored(settings, before, photos), _scored(settings, after, photos))
    except DifferentPhotos as error:
        raise click.ClickException(f"{error}: photos came or went meanwhile; compare again") from error


def _scored(settings: InferenceSettings, name: str, photos: LabelledPhotos) -> Scored:
    chosen = settings.model_copy(update={"model": name, "decode_workers": 1})
    with told_in_one_line():
        classifier = open_local_classifier(chosen)
    hidden = not sys.stderr.isatty()
    try:
        with click.progressbar(photos.samples, label=f"scoring {name}", file=sys.stderr, hidden=hidden) as samples:
            scored, unreadable = score_photos(
                samples, photos.root, predict_with(classifier), max_bytes=settings.max_bytes
            )
    finally:
        classifier.close()
    if unreadable:
        first = unreadable[0]
        click.echo(f"left out, unreadable: {len(unreadable)} photos, the first {first.path} ({first.error})", err=True)
    return scored


def _objections(comparison: Comparison, margin: float) -> list[str]:
    said = [
        f"{label.value} is recognised worse by {-100 * comparison.recall[label].gain:.1f} points, "
        f"{margin:g} are allowed"
        for label in dropped(comparison, margin / 100)
    ]
    for change, what in (
        (comparison.warned, "batteries are warned of less often"),
        (comparison.turned_away, "what is no waste is taken for waste more often"),
    ):
        if is_drop(change, margin / 100):
            said.append(f"{what}, by {-100 * change.gain:.1f} points; {margin:g} are allowed")
    if is_worse(comparison):
        said.append(
            f"it is right less often: {comparison.only_before} photos lost, {comparison.only_after} won "
            f"(p = {comparison.p_value:.2g})"
        )
    few = unjudged(comparison)
    if few:
        said.append(f"too few photos to judge: {', '.join(label.value for label in few)}")
    return said


def _tell(record: Promotion, settings: InferenceSettings) -> None:
    click.echo(f"{record.title} answers from now on, instead of {record.before}")
    if settings.model not in {None, record.model}:
        click.echo(
            f"but not where BUNRI_INFERENCE__MODEL={settings.model} is set, as it is here: such a host answers with "
            f"{settings.model} until the setting is taken away and the host started again",
            err=True,
        )


def _line(record: Promotion) -> str:
    verb = "back to" if record.is_rollback else "to"
    return f"{record.at:%Y-%m-%d %H:%M} UTC  from {record.before} {verb} {record.title}: {record.why}"
