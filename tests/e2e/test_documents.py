"""What the documents say exists: commands, options, make targets, settings, files."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from pydantic import BaseModel

from bunri.cli import main
from bunri.commands import evaluate_gan
from bunri.settings import Settings
from tests.conftest import PROJECT_ROOT

READMES = ("README.md", "README.ko.md")
PAGES = sorted(
    str(page.relative_to(PROJECT_ROOT))
    for pattern in ("*.md", "docs/*.md", "training/*.md", "weights/*.md", "weights/*/*.md")
    for page in PROJECT_ROOT.glob(pattern)
)

FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"")
VARIABLE = re.compile(r"\bBUNRI_[A-Z_]+\b")
ASSIGNMENT = re.compile(r"[A-Z_]+=\S*")

TEST_VARIABLES = {
    "BUNRI_SHARED",
    "BUNRI_CHROMIUM",
    "BUNRI_SCREENSHOTS",
    "BUNRI_HOSTILE",
    "BUNRI_CONTRACT",
    "BUNRI_ROUND_TRIP",
}
SETTING_ROW = re.compile(r"^\| `(BUNRI_[A-Z0-9_]+)` \| (\S+) \|", re.MULTILINE)


def text_of(page: str) -> str:
    return (PROJECT_ROOT / page).read_text(encoding="utf-8")


def command_lines(text: str) -> Iterator[list[str]]:
    """The words of every line in a shell block and of every inline code that calls bunri or make."""
    blocks = [body.replace("\\\n", " ") for language, body in FENCED.findall(text) if language == "sh"]
    lines = [line for block in blocks for line in block.splitlines()]
    for line in [*lines, *INLINE.findall(FENCED.sub("", text))]:
        try:
            words = shlex.split(line, comments=True)
        except ValueError:
            continue
        while words and ASSIGNMENT.fullmatch(words[0]):
            words.pop(0)
        if words and Path(words[0]).name in {"bunri", "make"}:
            yield [Path(words[0]).name, *words[1:]]


CALLS = [(page, words) for page in PAGES for words in command_lines(text_of(page))]


def calls_of(program: str) -> list[tuple[str, str]]:
    return sorted({(page, shlex.join(words[1:])) for page, words in CALLS if words[0] == program})


def find_command(words: list[str]) -> tuple[click.Command, list[str]]:
    """The innermost command that the words name, and the words that are left for it."""
    command: click.Command = main
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        inner = command.get_command(click.Context(command), words[0])
        assert inner is not None, f"there is no command {words[0]!r}"
        command, words = inner, words[1:]
    if command.name == "evaluate" and words[:1] == ["gan"]:
        return evaluate_gan.command, words[1:]
    return command, words


@pytest.mark.parametrize(("page", "words"), calls_of("bunri"))
def test_every_bunri_command_in_the_documents_exists_with_its_options(page: str, words: str) -> None:
    command, left = find_command(shlex.split(words))
    known = {"--help", "--version"}.union(*(each.opts + each.secondary_opts for each in command.params))
    written = {word.strip("[]").split("=")[0] for word in left if re.match(r"\[?-{1,2}[a-z]", word)}
    assert written <= known
    shown = CliRunner().invoke(command, ["--help"])
    assert shown.exit_code == 0
    assert shown.output.startswith("Usage:")


@pytest.mark.parametrize(("page", "words"), calls_of("make"))
def test_every_make_target_in_the_documents_exists(page: str, words: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
    assert {word for word in shlex.split(words) if "=" not in word} <= targets


def test_both_readmes_name_the_same_commands() -> None:
    english, korean = (
        {tuple(w for w in words if w.isascii() and w not in {"--lang", "ko"}) for p, words in CALLS if p == page}
        for page in READMES
    )
    assert english == korean


@pytest.mark.parametrize("page", PAGES)
def test_every_relative_link_leads_to_a_file(page: str) -> None:
    links = [(in_words or shown).split("#")[0] for in_words, shown in LINK.findall(FENCED.sub("", text_of(page)))]
    relative = [link for link in links if link and not re.match(r"[a-z]+:", link)]
    missing = [link for link in relative if not ((PROJECT_ROOT / page).parent / link).exists()]
    assert missing == []


def settings_with_defaults(section: type[BaseModel], prefix: str = "BUNRI_") -> Iterator[tuple[str, str]]:
    """Each variable and its default as a table shows it."""
    for name, field in section.model_fields.items():
        variable = f"{prefix}{name}".upper()
        default = field.get_default(call_default_factory=True, validated_data={})
        if isinstance(default, BaseModel):
            yield from settings_with_defaults(type(default), f"{variable}__")
        elif default is None or default == "":
            yield variable, "-"
        elif isinstance(default, Path):
            yield variable, f"`{default.relative_to(PROJECT_ROOT)}`"
        else:
            yield variable, f"`{str(default).replace(f'{PROJECT_ROOT}/', '').lower()}`"


@pytest.mark.parametrize("page", READMES)
def test_the_table_of_settings_is_complete_and_its_defaults_are_right(page: str) -> None:
    assert dict(SETTING_ROW.findall(text_of(page))) == dict(settings_with_defaults(Settings))


@pytest.mark.parametrize("page", PAGES)
def test_every_variable_in_the_documents_sets_something(page: str) -> None:
    known = {variable for variable, _ in settings_with_defaults(Settings)} | TEST_VARIABLES
    assert set(VARIABLE.findall(text_of(page).replace("BUNRI_*", ""))) <= known


def dependencies() -> set[str]:
    """The names of all packages in pyproject.toml."""
    project = tomllib.loads(text_of("pyproject.toml"))["project"]
    listed = chain(project["dependencies"], *project["optional-dependencies"].values())
    return {re.split(r"[\[<>=~]", each)[0] for each in listed} - {"bunri"}


def test_every_dependency_has_its_reason_written_down() -> None:
    rows = re.findall(r"^\| ([\w.-]+) \|", text_of("docs/dependencies.md"), re.MULTILINE)
    assert set(rows) - {"package"} == dependencies()


def test_every_dependency_has_an_exact_version() -> None:
    pinned = re.findall(r"^([\w.-]+)==[\w.]+$", text_of("constraints.txt"), re.MULTILINE)
    assert {name.lower().replace("_", "-") for name in dependencies()} <= {
        name.lower().replace("_", "-") for name in pinned
    }
