"""``bunri classify``: what is in these photos, and how to dispose of it."""

import json

import click

from bots.cards import CardWriter
from bots.messages import Texts, load_messages
from bots.problem_words import problem_words
from bunri.failures import read_settings, told_in_one_line
from bunri.photo_files import FileError, listed, read_capped, shown
from bunri.terminal_card import card_text
from bunri.wiring import open_local_classifier
from guides import LANGUAGES, Language, load_guides
from inference.answer import Classification
from inference.classifier import Classifier
from inference.errors import DecodeError
from inference.wire import to_json

Outcome = Classification | DecodeError | FileError


@click.command("classify")
@click.argument("images", nargs=-1, required=True, metavar="IMAGE...")
@click.option("--json", "as_json", is_flag=True, help="one JSON object a line")
@click.option("--lang", type=click.Choice(LANGUAGES), help="language of the words; the setting when not given")
def command(images: tuple[str, ...], as_json: bool, lang: Language | None) -> None:
    """Say what is in each IMAGE: photo files, folders of them, or - for standard input.

    A file that cannot be answered gets a line that says why; the others are answered all the same, and the
    exit code is 1.
    """
    settings = read_settings()
    language: Language = lang or settings.language
    files = tuple(listed(images))
    if not files:
        raise click.UsageError("there are no files in the folders given")
    texts = load_messages().of(language)
    writer = None if as_json else CardWriter(texts, load_guides(), settings.region)
    with told_in_one_line():
        classifier = open_local_classifier(settings.inference)
    failures = 0
    try:
        for file in files:
            outcome = _look_at(file, classifier)
            failures += not isinstance(outcome, Classification)
            name = shown(file)
            click.echo(_readable(name, outcome, texts, writer) if writer else _json_line(name, outcome, texts))
    finally:
        classifier.close()
    if failures:
        click.echo(f"{failures} of {len(files)} files were not answered", err=True)
        raise SystemExit(1)


def _look_at(file: str, classifier: Classifier) -> Outcome:
    try:
        return classifier.classify(read_capped(file, classifier.limits.max_bytes))
    except (DecodeError, FileError) as error:
        return error


def _json_line(file: str, outcome: Outcome, texts: Texts) -> str:
    if isinstance(outcome, Classification):
        fields = to_json(outcome)
    else:
        headline, remedy = _error_words(outcome, texts)
        fields = {"error": outcome.problem.value, "message": f"{headline}. {remedy}"}
    return json.dumps({"file": file, **fields}, ensure_ascii=False)


def _readable(file: str, outcome: Outcome, texts: Texts, writer: CardWriter) -> str:
    if isinstance(outcome, Classification):
        return f"{file}\n{card_text(writer.photo(outcome))}\n"
    headline, remedy = _error_words(outcome, texts)
    return f"{file}\n  {headline}. {remedy}\n"


def _error_words(error: DecodeError | FileError, texts: Texts) -> tuple[str, str]:
    if isinstance(error, DecodeError):
        return problem_words(error, texts)
    key = f"file-{error.problem.value}"
    return texts(key), texts(f"{key}.help")
