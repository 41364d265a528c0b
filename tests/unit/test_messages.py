"""Messages: both languages say the same things, and the code asks for nothing that no file holds."""

import re
from pathlib import Path

import pytest

from bots.cards import SURENESS
from bots.messages import LOCALES, MessageError, load_messages
from bots.web.errors import Refusal
from bots.web.page import ASSETS
from guides import LANGUAGES, Language
from inference.answer import Hazard, Notice
from inference.errors import DecodeProblem
from inference.labels import LABELS

VARIABLE = re.compile(r"\{\s*\$(\w+)")
ENTRY = re.compile(r"^([a-z][\w-]*) =|^    \.([a-z]\w*) =", re.MULTILINE)


def variables_by_key(language: str) -> dict[str, set[str]]:
    """Each key of a language's files and the variables in its text, read without the code under test."""
    found: dict[str, set[str]] = {}
    for file in (LOCALES / language).glob("*.ftl"):
        text = file.read_text(encoding="utf-8")
        starts = [*ENTRY.finditer(text)]
        name = ""
        for match, after in zip(starts, [*starts[1:], None], strict=True):
            name = match[1] or name
            key = name if match[1] else f"{name}.{match[2]}"
            body = text[match.end() : after.start() if after else len(text)]
            found[key] = set(VARIABLE.findall(body))
    return found


def test_every_key_stands_in_both_languages() -> None:
    korean, english = variables_by_key("ko"), variables_by_key("en")
    assert len(korean) > 100
    assert korean.keys() == english.keys()


def test_a_key_takes_the_same_variables_in_both_languages() -> None:
    korean, english = variables_by_key("ko"), variables_by_key("en")
    assert {key: names for key, names in korean.items() if names != english[key]} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_that_is_made_from_a_value_exists(language: Language) -> None:
    keys = load_messages().of(language).keys
    needed = {
        *(f"label-{label.value}" for label in LABELS),
        *(f"problem-{problem.value}{end}" for problem in DecodeProblem for end in ("", ".help")),
        *(f"refused-{refusal.value}" for refusal in Refusal),
        *(f"notice-{notice.value}" for notice in Notice),
        *(f"hazard-{hazard.value}-{certainty}" for hazard in Hazard for certainty in ("is", "may")),
        *(key for _, key in SURENESS),
    }
    assert needed <= keys


def test_the_page_uses_every_text_of_its_own_and_no_other() -> None:
    keys = {key.removeprefix("page-") for key in load_messages().of("ko").keys if key.startswith("page-")}
    sources = [file.read_text(encoding="utf-8") for file in ASSETS.iterdir()]
    in_page = {key for source in sources for key in re.findall(r"\{\{([a-z-]+)\}\}|", source) if key}
    in_attributes = {key for source in sources for key in re.findall(r"\{=([a-z-]+)\}", source)} - {"lang"}
    spoken = r'(?:say|text|announce)\("([a-z-]+)"|"(camera-[a-z-]+)"'
    in_scripts = {key for source in sources for pair in re.findall(spoken, source) for key in pair if key}
    in_scripts -= {
        "camera-problem",
        "camera-start",
        "camera-take",
        "camera-switch",
        "camera-stop",
        "camera-off",
    }
    assert in_page | in_attributes | in_scripts == keys


def test_korean_texts_are_written_in_hangul_and_end_politely() -> None:
    texts = load_messages().of("ko")
    sentences = {
        key: texts(key, seconds=3, photos=10, megabytes=20, megapixels=50, characters=1000, found="PDF")
        for key in texts.keys
        if key.startswith(("refused-", "notice-", "caution-", "retake-")) or key.endswith(".help")
    }
    blunt = {
        key: text
        for key, text in sentences.items()
        if key != "retake-title" and not re.search(r"(요|세요)[.!?]?$", text)
    }
    assert blunt == {}


def test_no_text_of_a_reply_lives_in_the_code() -> None:
    code = LOCALES.parent.rglob("*.py")
    hangul = {file.name for file in code if re.search("[가-힣]", file.read_text(encoding="utf-8"))}
    # The one Korean word in code is an example in a docstring.
    assert hangul <= {"messages.py"}


def test_an_unknown_key_is_an_error_and_not_an_empty_text() -> None:
    with pytest.raises(MessageError, match="no message 'nothing-such'"):
        load_messages().of("ko")("nothing-such")


def test_a_missing_variable_is_an_error_and_not_a_hole_in_the_text() -> None:
    with pytest.raises(MessageError, match="refused-too_often"):
        load_messages().of("en")("refused-too_often")


def test_a_file_that_cannot_be_parsed_is_named(tmp_path: Path) -> None:
    for language in LANGUAGES:
        (tmp_path / language).mkdir()
        (tmp_path / language / "a.ftl").write_text("one = 1\n")
    (tmp_path / "en" / "b.ftl").write_text("this is no message\n")
    with pytest.raises(MessageError, match=r"b\.ftl.*this is no message"):
        load_messages(tmp_path)


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    for language in LANGUAGES:
        (tmp_path / language).mkdir()
        (tmp_path / language / "a.ftl").write_text("one = 1\n")
    (tmp_path / "ko" / "b.ftl").write_text("one = 2\n")
    with pytest.raises(MessageError, match="'one' stands twice"):
        load_messages(tmp_path)


def test_a_language_without_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ko").mkdir()
    (tmp_path / "en").mkdir()
    with pytest.raises(MessageError, match="holds no messages"):
        load_messages(tmp_path)
