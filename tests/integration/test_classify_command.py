import io
import json
import os
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from bunri.commands.classify import command
from inference.labels import LABELS
from tests.broken_images import broken_images

FIELDS = {
    "file",
    "label",
    "confidence",
    "top",
    "decision",
    "candidates",
    "hazards",
    "waste_score",
    "notices",
    "model",
}


@pytest.fixture(autouse=True)
def _tiny_model(tiny_weights: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BUNRI_INFERENCE__WEIGHTS", str(tiny_weights))
    monkeypatch.setenv("BUNRI_INFERENCE__BACKEND", "openvino")
    monkeypatch.chdir(tmp_path)


def photo(seed: int, width: int = 160, height: int = 120) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (height // 8, width // 8, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).resize((width, height)).save(file, "JPEG")
    return file.getvalue()


def classify(*arguments: str | Path, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(command, [str(each) for each in arguments], input=stdin)


def lines(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_two_hundred_photos_of_which_twenty_are_broken_give_180_answers_and_20_typed_errors(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    broken = dict(list(broken_images().items())[:: len(broken_images()) // 20][:20])
    assert len(broken) == 20
    for seed in range(180):
        (folder / f"photo{seed:03}.jpg").write_bytes(photo(seed))
    for name, each in broken.items():
        (folder / f"broken-{name}.jpg").write_bytes(each.data)

    result = classify(folder, "--json")

    assert result.exit_code == 1
    told = lines(result)
    assert [each["file"] for each in told] == sorted(str(path) for path in folder.iterdir())
    refused = {Path(str(each["file"])).stem: each for each in told if "error" in each}
    answered = [each for each in told if "error" not in each]
    assert len(answered) == 180
    assert all(set(each) == FIELDS for each in answered)
    assert {stem.removeprefix("broken-"): each["error"] for stem, each in refused.items()} == {
        name: each.problem.value for name, each in broken.items()
    }
    assert all(each["message"] for each in refused.values())
    assert result.stderr == "20 of 200 files were not answered\n"


def test_an_answer_has_the_fields_of_the_contract(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(photo(1))
    result = classify("a.jpg", "--json")
    assert result.exit_code == 0
    (answer,) = lines(result)
    assert answer["file"] == "a.jpg"
    assert answer["label"] in set(LABELS)
    assert answer["decision"] in {"answer", "ask", "not_waste"}
    top = answer["top"]
    assert isinstance(top, list)
    assert top[0] == {"label": answer["label"], "p": answer["confidence"]}
    assert [each["p"] for each in top] == sorted((each["p"] for each in top), reverse=True)
    assert answer["model"] == "tiny 0"


def test_a_missing_file_gets_its_line_and_the_others_are_answered(tmp_path: Path) -> None:
    (tmp_path / "b.jpg").write_bytes(photo(2))
    result = classify("missing.jpg", "b.jpg", "--json")
    assert result.exit_code == 1
    first, second = lines(result)
    assert (first["file"], first["error"]) == ("missing.jpg", "not_found")
    assert second["file"] == "b.jpg"
    assert "label" in second


def test_a_photo_can_come_from_standard_input() -> None:
    result = classify("-", "--json", stdin=photo(3))
    assert result.exit_code == 0
    assert lines(result)[0]["file"] == "-"


def test_hidden_files_and_folders_inside_a_folder_are_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    (folder / "inner").mkdir(parents=True)
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "only.jpg").write_bytes(photo(4))
    assert [each["file"] for each in lines(classify(folder, "--json"))] == [str(folder / "only.jpg")]


def test_a_pipe_inside_a_folder_is_left_out_and_a_link_to_nothing_gets_its_line(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    os.mkfifo(folder / "pipe.jpg")  # nobody writes: reading it would wait for ever
    (folder / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    (folder / "round.jpg").symlink_to(folder / "round.jpg")
    told = {Path(str(each["file"])).name: each["error"] for each in lines(classify(folder, "--json"))}
    assert told == {"gone.jpg": "not_found", "round.jpg": "unreadable"}


def test_a_name_that_no_file_can_have_gets_its_line(tmp_path: Path) -> None:
    (told,) = lines(classify("x" * 5000, "--json"))
    assert told["error"] == "unreadable"


def test_a_file_over_the_cap_is_refused_without_being_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUNRI_INFERENCE__MAX_BYTES", "1000")
    with (tmp_path / "huge.jpg").open("wb") as file:
        file.truncate(1 << 40)  # sparse: reading it whole would need a terabyte
    result = classify("huge.jpg", "--json")
    assert lines(result)[0]["error"] == "too_many_bytes"


@pytest.mark.parametrize("arguments", [(), ("empty",), ("--nonsense", "a.jpg"), ("a.jpg", "--lang", "fr")])
def test_wrong_usage_gives_exit_code_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "empty").mkdir()
    assert classify(*arguments).exit_code == 2


@pytest.mark.parametrize(("lang", "word"), [("ko", "배터리"), ("en", "batter")])
def test_the_readable_answer_puts_the_hazard_first_in_the_language_asked_for(
    tmp_path: Path, lang: str, word: str
) -> None:
    # Every label of the random network is about as likely, battery too, which is above the tiny threshold.
    (tmp_path / "a.jpg").write_bytes(photo(1))
    result = classify("a.jpg", "--lang", lang)
    assert result.exit_code == 0
    name, banner, *rest = result.stdout.splitlines()
    assert name == "a.jpg"
    assert "⚠" in banner
    assert word in banner.lower()
    assert any("%" in line for line in rest)


def test_a_file_name_cannot_talk_to_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "\x1b[2Jx.jpg").write_bytes(b"")
    result = classify(tmp_path)
    assert "\x1b" not in result.stdout


def test_unusable_weights_give_one_sentence_and_exit_code_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUNRI_INFERENCE__WEIGHTS", str(tmp_path / "nowhere"))
    (tmp_path / "a.jpg").write_bytes(photo(1))
    result = classify("a.jpg")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1


def test_settings_in_another_encoding_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("BUNRI_REGION=중랑".encode("cp949"))
    result = classify("a.jpg")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: the settings cannot be read: ")
    assert result.stderr.count("\n") == 1


def test_a_setting_that_cannot_be_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUNRI_INFERENCE__BACKEND", "s3cret")
    result = classify("a.jpg")
    assert result.exit_code == 1
    assert "BUNRI_INFERENCE__BACKEND" in result.stderr
    assert "s3cret" not in result.stderr
