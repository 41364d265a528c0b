"""``bunri evaluate`` with real files, decoder and decision, and a network that reads logits off pixels."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from numpy.typing import NDArray
from PIL import Image

from bunri.cli import main
from bunri.settings import InferenceSettings
from inference.backends.backend import ONE_BY_ONE, BackendOutput
from inference.classifier import Classifier
from inference.decode import DecodeLimits
from inference.labels import LABELS, Label
from inference.manifest import ClassifierManifest

SIDE = 32
_STEP = 20  # levels of red between two labels
SURE, UNSURE = 255, 100
WASTE, NO_WASTE = 255, 0


class PixelBackend:
    """Red names the label, green the certainty, blue whether it is waste at all."""

    name = "pixels"
    threads_per_call = 1
    batching = ONE_BY_ONE
    closed = False

    def logits(self, batch: NDArray[np.uint8]) -> BackendOutput:
        red, green, blue = (batch[:, SIDE // 2, SIDE // 2, channel].astype(np.float32) for channel in range(3))
        label_logits = np.zeros((len(batch), len(LABELS)), dtype=np.float32)
        columns = np.round(red / _STEP).astype(int)
        label_logits[np.arange(len(batch)), columns] = green / 25
        return BackendOutput(label_logits, ((blue - 128) / 16).astype(np.float32))

    def close(self) -> None:
        self.closed = True


MANIFEST = ClassifierManifest.model_validate_json(
    json.dumps(
        {
            "name": "pixels",
            "version": "1",
            "task": "classifier",
            "architecture": "pixels",
            "labels": LABELS,
            "input_side": SIDE,
            "fit": "pad",
            "files": [],
            "temperature": 1.0,
            "thresholds": {"answer": 0.9, "candidate": 0.05, "waste": 0.5, "hazard_battery": 0.2},
            "figures": {},
            "command": "",
            "created": "2026-01-01",
            "data": {},
        }
    )
)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[InferenceSettings, PixelBackend]]:
    """The settings and the backend of each classifier that the command opens."""
    found: list[tuple[InferenceSettings, PixelBackend]] = []

    def open_scripted(settings: InferenceSettings) -> Classifier:
        backend = PixelBackend()
        found.append((settings, backend))
        return Classifier(backend, MANIFEST, DecodeLimits(settings.max_bytes, settings.max_pixels))

    monkeypatch.setattr("bunri.commands.evaluate.open_local_classifier", open_scripted)
    return found


Draw = Callable[..., None]


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    """Save a photo that the backend sees as a label: ``draw("metal/1.png", Label.METAL)``."""

    def save(name: str, label: Label, certainty: int = SURE, waste: int = WASTE) -> None:
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (SIDE, SIDE), (_STEP * LABELS.index(label), certainty, waste)).save(path)

    return save


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["evaluate", *map(str, arguments)])


def document(result: Result) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(result.stdout)
    return value


@pytest.mark.usefixtures("opened")
def test_a_folder_of_labelled_photos_is_scored(tmp_path: Path, draw: Draw) -> None:
    draw("metal/1.png", Label.METAL)
    draw("metal/2.png", Label.PAPER)
    draw("battery/1.png", Label.BATTERY)
    draw("glass/1.png", Label.GREEN_GLASS)
    draw("paper/1.png", Label.PAPER, UNSURE)
    draw("nonwaste/1.png", Label.METAL, SURE, NO_WASTE)
    result = run(tmp_path / "photos", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    found = document(result)
    assert (found["model"], found["backend"], found["photos"]) == ("pixels 1", "pixels", 6)
    waste = found["waste"]
    assert (waste["accuracy"]["count"], waste["accuracy"]["total"]) == (4, 5)
    assert (waste["selective"]["answered"]["count"], waste["selective"]["answered_right"]["count"]) == (4, 3)
    assert waste["selective"]["asked_with_truth"]["value"] == 1
    assert waste["hazard_battery"]["recall"]["value"] == 1
    assert waste["hazard_battery"]["false_alarms"]["count"] == 0
    assert waste["confusion"]["rows"] == ["battery", "glass", "metal", "paper"]
    assert waste["confusion"]["counts"][2][LABELS.index(Label.PAPER)] == 1
    assert found["not_waste"]["auroc"]["value"] == 1
    assert found["not_waste"]["refused"]["value"] == 1


@pytest.mark.usefixtures("opened")
def test_the_text_shows_the_same_measures(tmp_path: Path, draw: Draw) -> None:
    draw("metal/1.png", Label.METAL)
    draw("metal/2.png", Label.PAPER)
    result = run(tmp_path / "photos")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "pixels 1 on pixels" in result.stdout
    assert "1 of 2" in result.stdout
    assert "metal called paper: 1" in result.stdout


@pytest.mark.usefixtures("opened")
def test_photos_that_cannot_be_read_are_listed_and_the_exit_code_is_1(tmp_path: Path, draw: Draw) -> None:
    draw("metal/1.png", Label.METAL)
    folder = tmp_path / "photos" / "metal"
    (folder / "2.jpg").write_bytes(b"")
    (folder / "3.jpg").write_text("not a photo")
    (folder / "4.jpg").symlink_to(tmp_path / "nowhere")
    result = run(tmp_path / "photos", "--json")
    assert result.exit_code == 1
    assert result.stderr == "3 of 4 photos could not be read\n"
    found = document(result)
    assert found["photos"] == 1
    assert {each["file"]: each["error"] for each in found["unreadable"]} == {
        "metal/2.jpg": "empty",
        "metal/3.jpg": "not_an_image",
        "metal/4.jpg": "not_found",
    }


@pytest.mark.usefixtures("opened")
def test_links_to_photos_and_to_folders_are_followed(tmp_path: Path, draw: Draw) -> None:
    draw("metal/1.png", Label.METAL)
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "paper").mkdir()
    (linked / "metal").symlink_to(tmp_path / "photos" / "metal")
    (linked / "paper" / "a.png").symlink_to(tmp_path / "photos" / "metal" / "1.png")
    waste = document(run(linked, "--json"))["waste"]
    assert (waste["accuracy"]["count"], waste["accuracy"]["total"]) == (1, 2)


def test_an_unknown_folder_is_wrong_usage_before_any_model_is_opened(
    tmp_path: Path, draw: Draw, opened: list[tuple[InferenceSettings, PixelBackend]]
) -> None:
    draw("bottles/1.png", Label.PLASTIC)
    result = run(tmp_path / "photos")
    assert result.exit_code == 2
    assert "unknown folder bottles" in result.stderr
    assert "--map" in result.stderr
    assert not opened


@pytest.mark.usefixtures("opened")
def test_a_mapping_file_gives_an_unknown_folder_its_labels(tmp_path: Path, draw: Draw) -> None:
    draw("textiles/1.png", Label.SHOES)
    draw("views/1.png", Label.METAL, SURE, NO_WASTE)
    draw("doubtful/1.png", Label.METAL)
    mapping = tmp_path / "map.yaml"
    mapping.write_text("textiles: [clothes, shoes]\nviews: not_waste\ndoubtful: skip\n")
    found = document(run(tmp_path / "photos", "--map", mapping, "--json"))
    assert found["waste"]["accuracy"]["value"] == 1
    assert found["not_waste"]["photos"] == 1
    assert found["skipped_folders"] == ["doubtful"]


def test_a_mapping_with_an_unknown_label_is_wrong_usage(tmp_path: Path, draw: Draw) -> None:
    draw("bottles/1.png", Label.PLASTIC)
    mapping = tmp_path / "map.toml"
    mapping.write_text("bottles = 'plastics'\n")
    result = run(tmp_path / "photos", "--map", mapping)
    assert result.exit_code == 2
    assert "plastics" in result.stderr


@pytest.mark.parametrize("folders", [(), ("metal",)])
def test_a_folder_without_photos_is_a_failure(tmp_path: Path, folders: tuple[str, ...]) -> None:
    for name in folders:
        (tmp_path / name).mkdir()
    result = run(tmp_path)
    assert result.exit_code == 1
    assert "no photos" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def write_split(path: Path) -> Path:
    rows = (
        "path,labels,source,part,group",
        "metal/1.png,metal,phone,test,1",
        "metal/2.png,metal|paper,web,test,2",
        "views/1.png,nonwaste,views,test,3",
        "metal/3.png,metal,phone,val,4",
        "metal/4.png,metal,phone,train,5",
    )
    path.write_text("\n".join(rows) + "\n")
    return path


@pytest.mark.usefixtures("opened")
def test_a_part_of_a_split_is_scored_source_by_source(tmp_path: Path, draw: Draw) -> None:
    for number in range(1, 5):
        draw(f"metal/{number}.png", Label.PAPER)
    draw("views/1.png", Label.METAL, SURE, NO_WASTE)
    split = write_split(tmp_path / "split.csv")
    found = document(run("--split", split, "--part", "test", "--root", tmp_path / "photos", "--json"))
    accuracy = {each["source"]: each["accuracy"]["value"] for each in found["sources"]}
    assert accuracy == {"phone": 0.0, "views": None, "web": 1.0}
    assert found["not_waste"]["auroc"]["value"] == 1
    assert found["waste"]["confusion"]["rows"] == ["metal", "metal|paper"]
    assert document(run("--split", split, "--part", "val", "--root", tmp_path / "photos", "--json"))["photos"] == 1


def test_a_part_without_photos_is_a_failure(tmp_path: Path) -> None:
    result = run("--split", write_split(tmp_path / "s.csv"), "--part", "strangers", "--root", tmp_path)
    assert result.exit_code == 1
    assert "part strangers: there are no photos" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("DIR", "--split", "SPLIT", "--root", "DIR"),
        ("--split", "SPLIT"),
        ("--split", "SPLIT", "--root", "DIR", "--map", "SPLIT"),
        ("--split", "SPLIT", "--root", "DIR", "--part", "train"),
        ("DIR", "--part", "val"),
        ("DIR", "--root", "DIR"),
        ("DIR/missing",),
    ],
)
def test_arguments_that_contradict_each_other_are_wrong_usage(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    split = write_split(tmp_path / "split.csv")
    given = [each.replace("DIR", str(tmp_path)).replace("SPLIT", str(split)) for each in arguments]
    result = run(*given)
    assert result.exit_code == 2
    assert "Error: " in result.stderr


def test_a_missing_model_is_one_line_and_a_failure(tmp_path: Path, draw: Draw) -> None:
    draw("metal/1.png", Label.METAL)
    result = run(tmp_path / "photos", "--model", "no-such-model")
    assert result.exit_code == 1
    assert "no-such-model" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_the_chosen_model_and_backend_are_opened_with_one_stream_and_closed(
    tmp_path: Path, draw: Draw, opened: list[tuple[InferenceSettings, PixelBackend]]
) -> None:
    draw("metal/1.png", Label.METAL)
    assert run(tmp_path / "photos", "--model", "other", "--backend", "torch").exit_code == 0
    ((settings, backend),) = opened
    assert (settings.model, settings.backend, settings.decode_workers) == ("other", "torch", 1)
    assert backend.closed


@pytest.mark.usefixtures("opened")
def test_pictures_are_written_where_asked_and_stdout_stays_json(tmp_path: Path, draw: Draw) -> None:
    draw("metal/1.png", Label.METAL)
    folder = tmp_path / "out" / "pictures"
    result = run(tmp_path / "photos", "--json", "--pictures", folder)
    assert result.exit_code == 0
    assert document(result)["photos"] == 1
    assert sorted(path.name for path in folder.iterdir()) == [
        "confusion.png",
        "coverage.png",
        "reliability.png",
    ]


@pytest.mark.usefixtures("opened")
def test_a_place_where_pictures_cannot_be_written_is_one_line_and_a_failure(tmp_path: Path, draw: Draw) -> None:
    draw("metal/1.png", Label.METAL)
    (tmp_path / "file").touch()
    result = run(tmp_path / "photos", "--pictures", tmp_path / "file" / "pictures")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1


def test_pictures_without_matplotlib_are_refused_with_the_remedy_before_scoring(
    tmp_path: Path,
    draw: Draw,
    monkeypatch: pytest.MonkeyPatch,
    opened: list[tuple[InferenceSettings, PixelBackend]],
) -> None:
    draw("metal/1.png", Label.METAL)
    monkeypatch.setattr("bunri.commands.evaluate.importlib.util.find_spec", lambda name: None)
    result = run(tmp_path / "photos", "--pictures", tmp_path / "pictures")
    assert result.exit_code == 1
    assert "pip install -c constraints.txt -e '.[train]'" in result.stderr
    assert not opened


@pytest.mark.usefixtures("opened")
def test_names_that_a_terminal_would_obey_are_made_harmless(tmp_path: Path, draw: Draw) -> None:
    draw("metal/1.png", Label.METAL)
    (tmp_path / "photos" / "metal" / "\x1b[31mred\udcff.jpg").write_bytes(b"")
    for arguments in ((), ("--json",)):
        result = run(tmp_path / "photos", *arguments)
        assert result.exit_code == 1
        assert "red" in result.stdout
        assert "\x1b" not in result.stdout
