"""``bunri guide LABEL``: how to dispose of a thing, in the terminal or as JSON."""

import json
import shutil
from typing import Final

import click

from bots.guide_page import guide_page
from bots.messages import load_messages
from bunri.failures import read_settings
from bunri.terminal_guide import guide_text
from guides import LANGUAGES, GuideBook, GuideError, GuideMissing, Language, load_guides

MAX_WIDTH: Final = 100
"""Columns; longer lines are hard to read."""


@click.command()
@click.argument("label")
@click.option("--lang", type=click.Choice(LANGUAGES), help="language; the setting when not given")
@click.option("--region", help="kr, intl, or a town such as kr-jungnang; the setting when not given")
@click.option("--json", "as_json", is_flag=True, help="one JSON object")
def command(label: str, lang: Language | None, region: str | None, as_json: bool) -> None:
    """Say how to dispose of LABEL: battery, plastic, ... or one of its names, such as 건전지 or 종이팩."""
    settings = read_settings()
    language: Language = lang or settings.language
    place = region or settings.region
    try:
        book = load_guides()
        found = book.label_named(label, place)
        if found is None:
            raise click.BadParameter(_unknown(label, book, place, language), param_hint="LABEL")
        guide = book.find(found, place, language)
        headings = book.headings(language)
    except GuideMissing as error:
        looked_in = ", ".join(error.tried)
        raise click.ClickException(
            f"no guide for {error.label} in {error.language!r}; looked in {looked_in}"
        ) from error
    except GuideError as error:
        raise click.ClickException(f"a guide file is faulty: {error}") from error
    if as_json:
        click.echo(json.dumps(guide.model_dump(mode="json"), ensure_ascii=False))
        return
    if place not in book.jurisdictions:
        click.echo(f"no guides for {place!r} yet; this is the one for {guide.jurisdiction!r}", err=True)
    page = guide_page(guide, headings, load_messages().of(language))
    click.echo(guide_text(page, min(shutil.get_terminal_size().columns, MAX_WIDTH)))


def _unknown(label: str, book: GuideBook, place: str, language: Language) -> str:
    known = ", ".join(f"{each} ({book.find(each, place, language).title})" for each in book.labels(place))
    return f"{label!r} is not a label. The labels are: {known}."
